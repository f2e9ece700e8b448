import { caller } from '../router.js';
import { message } from './link.js';

/** Stops an app that sends people to sign in again and again. */
export function returned() {
  const { href, host } = caller() ?? {};
  return message('You are signed in', host
    ? 'The app that you came from has just sent you here again, so it may not see that you are signed in. Try once more, or ask its operator for help.'
    : 'We don’t know which app you came from. Open the app again, or go to your account.',
  href, host && `Go back to ${host}`);
}
