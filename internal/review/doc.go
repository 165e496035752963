// Package review owns access reviews (AUD-3): from time to time somebody looks at what each person
// may do, and keeps it, reduces it or takes it away; a dated, signed file says so.
//
// Its rules:
//   - A campaign is about an organisation, a site or a function. The timetable opens it when it is
//     due, and whoever holds reviews.run there opens one at any time. One of a site is about what is
//     held at that site, and the roles and permissions of the whole organisation, which bear on it too: these
//     only whoever runs the reviews of the whole of it takes away. Its reviewers are those of that site:
//     nobody learns by it what is elsewhere (AUZ-06). One of the organisation, or of a function in it, is for whoever holds
//     reviews.run in the whole of it.
//   - When it opens, what each person may do is kept (a photograph): roles, permissions, levels,
//     delegations, groups, with who gave it, when and until when. IDs are kept, never names.
//   - Never or long unused first, then administrators, then the rest.
//   - Nobody reviews themself (rules.md 13), nor somebody whose administration is not within their
//     own (AUZ-05): whom nobody else may review is told as such, in the page and in the file.
//     Each person is on the list of one reviewer, who is reminded; whoever may review them may decide.
//     Rights are read when they are used: who lost them decides of nobody.
//   - There is no decision by default. What is reduced or taken away says why. Several people are
//     kept at once only if each signed in within a quarter and holds nothing sensitive
//     (access.Sensitive).
//   - A decision is about what was read: a right that was given or altered since asks for it again,
//     before the end and at each step after it. Nothing is overwritten.
//   - The end is decided by whoever holds reviews.run there, with a fresh proof; what follows is done
//     in recorded steps, person by person, under their own rights as they are then (rules.md 13).
//     Nothing is done twice, and what is refused is left to do, with its reason: nobody who holds
//     something is removed in silence (package departure hands it over).
//   - With people who were not reviewed it ends only if the organisation's name is typed; the file
//     says who they are.
//   - The file is one core, which is signed and names nobody, and parts, each with a salt, of which
//     the core holds the hash. A part that is erased (Forget) leaves the signature good, and the
//     verifier says how many there are. The file has one form: other bytes are refused.
//
// It must not know how letters are written, nor the routes through which it is asked.
package review
