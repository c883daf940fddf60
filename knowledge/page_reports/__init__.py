"""„Barriere melden" and „Inhalt melden": what anybody says about a page of the hub, and who looks after it."""
