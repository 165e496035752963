// Package privacy keeps what the organisation owes to people and to the law about data: how long
// things are kept, what is kept and why, and how an organisation leaves with everything.
//
// Its rules:
//   - AUD-4: each organisation says how long it keeps what, within bounds (setting.RetentionKinds); a
//     chore applies it in batches that may stop anywhere, and the trail tells how much went.
//   - Of the trail only the details go, and only behind a head that was signed and kept outside: the
//     chain holds, and whoever verifies it sees what is gone. A head that the chain does not bear
//     out cuts nothing.
//   - The register is made of the same constants as the work: it names every table, and says nothing
//     that another place says too. An organisation reads its own counts alone.
//   - An organisation leaves by the word of a person who administers the whole of it, who types its
//     name; every administrator is told, and any may take it back for ExitAfter. It may be used until
//     then. Then it is closed, and every row of it goes, by the schema, in batches; the trail keeps
//     its rows without their details. Nothing of another organisation is touched.
//   - The full export is one file, made of one moment, with a signed manifest: it holds what is the
//     organisation's, and no secret.
//   - A person takes what is kept about them, of all of the installation; an organisation its own part
//     of what it keeps about a member. Whoever asked alone may have it, for a week (export*.go).
//   - Who left is erased by their organisation, who is a member nowhere erases their account
//     (erase*.go): rows by the IDs, words wherever anything may be written, the details of the trail
//     whole; the chain, IDs and rights with their dates stay. It goes on wherever it was stopped, and
//     who they were goes last. Each noun says of its tables what goes (store.Personal).
//
// It must not know how letters are written, nor the routes through which it is asked.
package privacy
