// Package dated tells what happens without anybody doing anything: a date passes on which a
// right, a level, a delegation, the membership of a group or of the organisation begins or ends.
//
// Its rules:
//   - Rights are read when they are used: on its date each begins or ends by itself, whether this
//     package came by or not. It records that it did, as the system, and so whoever is told of
//     acts (package event) is told of it: within Every and Margin of the date.
//   - What is told is what was known at that moment: a date that was moved before it came tells
//     nothing, one that was moved afterwards tells what it did. A date that had passed when it was
//     written is told by the act that wrote it.
//   - Each date is told once, by whichever server comes first: how far an organisation has been
//     told stands in dated_told, and is written with what is told, under its lock. Who was
//     stopped in between, or for days, goes on from there, in the order of the dates.
//   - It costs what passes, and nothing else: dates are found by their index.
//
// It must not know what a right, a level or a group allows.
package dated
