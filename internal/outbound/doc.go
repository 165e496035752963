// Package outbound is the one HTTP client with which Habilis speaks to other servers
// (rules.md 17): the directory, later webhooks, discovery and keys of identity providers.
//
// It must not know what is asked nor of whom.
//
// Rules it keeps:
//   - https only, TLS 1.2 at least, certificates verified; no redirect is followed, no
//     cookie kept, no proxy taken from the environment.
//   - The address that is dialled is the one that was checked: private, loopback,
//     link-local, shared, mapped, translated, multicast and reserved ones are refused.
//     Only servers that the operator named in the configuration may be inside, and even
//     those never on a link-local address, where clouds keep their secrets.
//   - Every answer is bounded in time and in bytes, once unpacked.
//   - A server that fails again and again is left alone for a while (Breaker), and is never
//     asked faster than it allows (Pace).
package outbound
