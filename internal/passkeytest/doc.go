// Package passkeytest is an authenticator in software, for tests: it makes and uses
// passkeys as a browser and its device would, and as those of an attacker would.
//
// It must not know the server: it reads the options that a browser is given and writes
// what a browser answers, byte by byte as WebAuthn says.
package passkeytest
