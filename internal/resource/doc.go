// Package resource owns what rights bear on: agendas, messaging profiles, and the
// identities in whose name documents are sent and received.
//
// Its rules:
//   - A resource belongs to an organisation, and to one of its sites; a messaging
//     profile or an identity may belong to the whole organisation. It is named, changed
//     and closed by whoever holds rights.edit there (at its site before and after).
//   - A practitioner's has a holder, a member who receives patients, waits for no authorisation and has not left:
//     the holder manages it without being given a level (RGT-2); whoever becomes the
//     holder of one loses the level they had on it, in the same act (Resources.Held). A
//     room's or a service's has none.
//   - Closed, it stays known: what was granted on it is a fact of the past, and every
//     decision about it is refused.
//   - A name stands once among those in use of a type at a place, accents and case ignored;
//     no site is closed while resources are in use there.
//   - Who may not know of its site learns nothing of it (AUZ-06); its holder may always
//     look at it.
//   - Whoever goes from its site, or leaves, hands it over to a member of the site who may hold
//     it (HandOver), or it is closed (CloseLeft): in the act of the package that lets them go.
//
// It must not know levels and delegations: they are package grant's.
package resource
