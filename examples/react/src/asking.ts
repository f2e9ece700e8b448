export type Answer = (isConfirmed: boolean) => void;

let show: ((answer: Answer) => void) | undefined;

/** Asks the user to authenticate again. Resolves with whether they did. */
export const askAgain = () => new Promise<boolean>((answer) => {
  if (show) show(answer);
  else answer(false);
});

/** Sets what shows the question; returns what takes it back. */
export function onAsking(handler: (answer: Answer) => void) {
  show = handler;
  return () => { show = undefined; };
}
