// Package workitem owns what people hold in connected applications: tasks to do, coming
// appointments, letters, invoices, patients, settings (OFF-5).
//
// Its rules:
//   - An item is known by the application's own names: the source, which is the
//     application's, and its external ID, kept and compared byte for byte.
//   - Applications register items, with workitems.edit in the organisation. The same again
//     changes nothing. A change names the version it was made from: what somebody
//     reassigned here is never lost to an application that did not know (RAC-07). Many at
//     once are registered whole or not at all.
//   - The kinds are a closed list, each with its rule: what becomes of an item when its
//     owner leaves (OFF-3), whether its date is when it takes place, who may receive it.
//   - Nothing here names a patient. The title is the application's and may be left out; what
//     holds a French social security number is refused; no title is written in the trail.
//   - Whoever becomes the owner is a member who has not left, and a site that is named anew is
//     one of theirs. What somebody who left still holds may be changed and closed, and is read
//     with workitems.edit in the organisation.
//   - What a member holds is what is open; an appointment whose time has passed is history.
//     It is read by whoever has workitems.edit in the organisation or at every site of the
//     member, and by the member.
//   - The same people reassign it: to a member in force, other than the owner, of the site of
//     every item; appointments go to practitioners. One act moves MaxMoved items at most and
//     says how many are left. Versions grow, so that applications learn of it.
//   - Of somebody who leaves, by a departure alone (leave.go): tasks that nobody takes over are hidden
//     as if they were deleted, appointments are detached from the agenda and stay, both for as long as
//     the departure can be undone; the rest stays theirs. What was handed over comes back if nobody
//     changed it since.
//   - What is counted is written with the items: nobody counts a million.
//
// What is held at one site can be handed over alone (at_site.go, OFF-4).
//
// It must not know when a member leaves, nor how applications are told.
package workitem
