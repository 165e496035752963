// Package departure lets members go, and nothing with them: who leaves, what they held, who takes
// it over, what becomes of the rest, and the way back.
//
// Its rules:
//   - OFF-1: before anything, what the person holds is counted, and offered to colleagues. What
//     nobody takes over has a fate that is said beforehand (OFF-3). No patient is named.
//   - OFF-2: whoever decides types the full name, exactly (SameName), and proves who they are.
//     They hold members.delete over the whole member, whose administration is within theirs
//     (AUZ-05). Nobody deletes themself here: they leave (Leave).
//   - What is given to somebody is given by whoever may give it: agendas, mailboxes, identities
//     and their management by who holds rights.edit there, administration by who holds it there,
//     endpoints by who holds webhooks.edit (RGT-1). Others are told who may.
//   - Nobody learns here of a member of whom they may not know: of receivers, and of those who may,
//     neither the ID nor the name (AUZ-06).
//   - All access ends in one transaction (AUZ-11, CHG-4), in which successors are appointed:
//     no scope loses its last administrator (ORG-4, AUZ-12, RAC-01), by no door.
//   - What follows is done in order, by as many transactions as it takes; each writes what it did
//     with it (departure_step), and the next begins where that one ended, on whatever server.
//     Nothing is done twice, nothing is forgotten.
//   - A receiver who can no longer receive gets nothing, and nothing is lost: it waits, the
//     administrators are told, another is chosen (Hand).
//   - A plan is carried out when its last day is over, by the authority of whoever made it, as it
//     is then (rules.md 13). If that is not enough, or if the last administrator would go, it waits for
//     somebody else to confirm it: the administrators are told, and it says so. While the
//     organisation is suspended it waits for the end of that, and asks nobody.
//   - Each receiver stands on the authority of whoever chose them, and is given the thing by that
//     person (RGT-8); what one gives oneself is told to the others (RGT-1). Whoever replaces or
//     confirms a plan chooses anew what is theirs to choose: a receiver that they may not choose,
//     or not know of, stays as it was chosen unless they name another, and is judged on the day
//     by the rights of whoever chose it.
//   - Who administers an organisation and its sites alone names one successor for all of it.
//   - For UndoFor it can be undone. What came to an end at that instant comes back, but what was
//     changed since, and what somebody else agreed to in person is asked of them again; what was
//     handed over comes back if nobody touched it; who was appointed stays. Sessions, tokens and
//     endpoints that were stopped do not come back.
//     The change set of what ended is undone with the departure alone.
//     A planned deactivation stands again if its day is to come; the address is the one that
//     their account has by now (CHG-2). Papers that nobody decided on wait for a
//     decision again. Until all of it is back no departure of theirs begins.
//   - Who left by themself is not made a member again by others: they are invited, and agree.
//     What they had can be handed over for as long.
//   - Then everything hidden and the personal details are gone for good, by blocks, each a recorded
//     step. The name stays, for the trail.
//     What else stays is what the trail and past decisions stand on: the function, the rights
//     with their dates, which account it was, the name of whom a locum replaced (another's
//     name), answered invitations, and who took what over.
//   - Whose place another membership of the same person took (pass.go, package merge) is gone like any
//     other: hidden, listed, erased. Their work items pass by recorded steps, and until they have, the
//     other one can neither leave nor be replaced. It comes back by undoing that, and not otherwise.
//   - From one site (site*.go, OFF-4) somebody goes in one act: rights, levels, delegations and what
//     they chose for it end; what they hold there is given to somebody of the site, or closed, by
//     who may change rights there and by a fresh proof; work items stay theirs. No other act
//     that ends a belonging to a site leaves anything behind (AtSite): it ends the same, or
//     refuses where something would be without its holder. The only site is a departure. Access
//     groups are of no site. Drafts are kept, even one that names the site: it grants nothing, and
//     when it is sent all of it is judged anew. Closing a site asks that no resource is in use
//     there, so nothing of it is left either.
//
// It must not know how letters are written, nor the routes through which it is asked.
package departure
