// Passkeys in a test: Chromium's virtual authenticator, and a server that is opened by its name, as WebAuthn needs.
import { createServer } from 'node:net';

/** byName are the flags of a server that is opened as localhost. */
export async function byName() {
  const probe = createServer();
  await new Promise((resume) => probe.listen(0, '127.0.0.1', resume));
  const { port } = probe.address();
  await new Promise((resume) => probe.close(resume));
  return ['--listen', `127.0.0.1:${port}`, '--base-url', `http://localhost:${port}`];
}

/** device gives the page an authenticator that knows its person, as a telephone does. */
export async function device(page, settings = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true, ...settings,
    },
  });
  return {
    keys: async () => (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
    give: (credential) => session.send('WebAuthn.addCredential', { authenticatorId, credential }),
    knows: (isUserVerified) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    remove: () => session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId }),
  };
}
