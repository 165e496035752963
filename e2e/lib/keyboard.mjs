// Going through a page as somebody does who has no mouse.
import assert from 'node:assert/strict';

const farthest = 150; // Tab presses after which a thing counts as out of reach

/** tabTo presses Tab until the thing with this role and accessible name has the focus, and checks that the focus can be seen. */
export async function tabTo(page, role, name, { back = false } = {}) {
  const wanted = page.getByRole(role, { name, exact: typeof name === 'string' });
  for (let presses = 0; presses < farthest; presses++) {
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    const reached = await wanted.evaluateAll((elements) => elements.includes(document.activeElement));
    if (reached) return seen(page, `${role} «${name}»`);
  }
  assert.fail(`${role} «${name}» cannot be reached with Tab on ${page.url()}; last focus: ${await focused(page)}`);
}

/** press goes to a link, button or the like with Tab and presses Enter on it, or another `key`. */
export async function press(page, role, name, key = 'Enter') {
  await tabTo(page, role, name);
  await page.keyboard.press(key);
}

/** write goes to a field with Tab and types into it, in place of what it held. */
export async function write(page, label, text) {
  await tabTo(page, 'textbox', label);
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(text);
}

/** focused describes what has the focus: its role and name. */
export async function focused(page) {
  const focus = page.locator(':focus');
  return (await focus.count()) === 0 ? 'nothing' : (await focus.first().ariaSnapshot()).split('\n')[0];
}

// seen: focus is drawn (WCAG 2.4.7) and not hidden under something that stays in place (WCAG 2.4.11).
async function seen(page, what) {
  const { drawn, covered } = await page.evaluate(() => {
    const element = document.activeElement;
    const ringed = (shown) => shown && getComputedStyle(shown).outlineStyle !== 'none' && parseFloat(getComputedStyle(shown).outlineWidth) > 0;
    const style = getComputedStyle(element);
    const { left, top, width, height } = element.getBoundingClientRect();
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    const label = element.labels?.[0];
    return {
      drawn: element.matches(':focus-visible') && (ringed(element) || ringed(label) || style.boxShadow !== 'none'), // a card draws it itself
      covered: width > 1 && height > 1 && !(hit && (element.contains(hit) || hit.contains(element) || label?.contains(hit))),
    };
  });
  assert.ok(drawn, `the focus on ${what} cannot be seen on ${page.url()}`);
  assert.ok(!covered, `${what} has the focus but lies under something else on ${page.url()}`);
}
