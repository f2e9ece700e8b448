import { announce, button } from '../dom.js';

/** Copies a text, or, where the browser does not allow it, selects it so that the person can. */
export function copyButton(name, text, shown) {
  return button(name, async () => {
    try {
      await navigator.clipboard.writeText(text());
      announce('Copied.');
    } catch {
      getSelection().selectAllChildren(shown);
      announce('Your browser doesn’t allow copying. The text is selected: copy it with your keyboard or your browser’s menu.');
    }
  });
}
