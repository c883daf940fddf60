"""Two ways to use the hub: by keyboard alone, and with JavaScript switched off."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from playwright.async_api import Page

# More presses of Tab than any page has things to stop at.
MOST_STOPS = 150
# What has the focus, as a screen reader would call it.
FOCUSED = """() => {
    const here = document.activeElement;
    const label = here.labels?.[0]?.innerText ?? here.getAttribute("aria-label") ?? here.innerText ?? "";
    return label.replaceAll(/\\s+/g, " ").trim();
}"""


class Lost(AssertionError):
    """The keyboard does not get to something."""


class Hands(Protocol):
    """What somebody does on a page, by the names that things have there."""

    page: "Page"

    async def follow(self, name: str) -> None:
        """Go where a link leads."""

    async def press(self, name: str) -> None:
        """Press a button and wait for the next page."""

    async def type(self, label: str, text: str) -> None:
        """Fill in a field."""


class Keyboard:
    """Tab, Enter and letters: the pointer is never used."""

    def __init__(self, page: "Page") -> None:
        self.page = page

    async def follow(self, name: str) -> None:
        """Go where a link leads."""
        await self._enter(name, "a")

    async def press(self, name: str) -> None:
        """Press a button and wait for the next page."""
        await self._enter(name, "button")

    async def type(self, label: str, text: str) -> None:
        """Fill in a field."""
        await self._reach(label, "input, textarea")
        await self.page.keyboard.type(text)

    async def _enter(self, name: str, kind: str) -> None:
        await self._reach(name, kind)
        async with self.page.expect_navigation():
            await self.page.keyboard.press("Enter")

    async def _reach(self, name: str, kind: str) -> None:
        passed = []
        for _stop in range(MOST_STOPS):
            await self.page.keyboard.press("Tab")
            passed.append(await self.page.evaluate(FOCUSED))
            if passed[-1].startswith(name) and await self.page.locator(f":focus:is({kind})").count():
                return
        raise Lost(f"no Tab leads to {name!r}, only to {passed}")


class WithoutScript:
    """A pointer, in a browser without JavaScript."""

    def __init__(self, page: "Page") -> None:
        self.page = page

    async def follow(self, name: str) -> None:
        """Go where a link leads."""
        await self.page.get_by_role("link", name=name).first.click()

    async def press(self, name: str) -> None:
        """Press a button and wait for the next page."""
        await self.page.get_by_role("button", name=name, exact=True).first.click()

    async def type(self, label: str, text: str) -> None:
        """Fill in a field."""
        await self.page.get_by_label(label, exact=True).first.fill(text)
