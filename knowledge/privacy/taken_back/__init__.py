"""What people took back one by one, remembered so that no old backup brings it back."""
