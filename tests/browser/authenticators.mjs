// Authenticators that Chromium simulates, and what a person does with a passkey.
import { click, fill, heading, visit } from './harness.mjs';

const KINDS = {
  // A computer or phone that checks its owner.
  platform: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
  synced: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    defaultBackupEligibility: true, defaultBackupState: true },
  // Security keys without a PIN. A key that has one and is given the wrong one makes even “preferred” fail.
  key: { protocol: 'ctap2', transport: 'usb', hasResidentKey: false, hasUserVerification: false },
  u2f: { protocol: 'u2f', transport: 'usb', hasResidentKey: false, hasUserVerification: false },
  wrongPin: { protocol: 'ctap2', transport: 'usb', hasResidentKey: true, hasUserVerification: true, isUserVerified: false },
};

/** Chromium without a window takes the first passkey that autofill offers. This switches the offer off. */
export const WITHOUT_AUTOFILL = () => {
  if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false;
};

/** Gives a page's browser an authenticator. */
export async function plugIn(page, kind) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const options = { automaticPresenceSimulation: true, ...KINDS[kind] };
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options });
  return {
    /** Whether somebody touches it when it is asked for. */
    touch: (enabled) => cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    unplug: () => cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
    passkeys: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  };
}

/** Adds a passkey to an account that has two-factor authentication already. */
export async function addPasskey(page, name = '') {
  await visit(page, '/two-factor', 'Two-factor authentication');
  await fill(page, 'Name of the new passkey', name);
  await click(page, 'Add a passkey');
  await page.getByText('Your passkey has been added.').waitFor();
}

/** Adds the first passkey, saves the recovery codes and returns them. */
export async function addFirstPasskey(page, name = '') {
  await visit(page, '/two-factor', 'Two-factor authentication');
  await fill(page, 'Name of the new passkey', name);
  await click(page, 'Add a passkey');
  await heading(page, 'Save your recovery codes');
  const codes = await page.locator('.codes code').allInnerTexts();
  await page.getByLabel('I have saved these codes').check();
  await click(page, 'Continue');
  await heading(page, 'Two-factor authentication');
  return codes;
}

/** Uses the passkey as the second factor; its page is open. */
export async function secondFactor(page) {
  await heading(page, 'Use your passkey');
  await click(page, 'Use your passkey');
  await heading(page, 'Your account');
}
