// Package paper says what a file may be that is to prove something, a professional card or
// a diploma, which papers are asked of whom, and makes them harmless.
//
// It must not know whom the file is about, nor where it is kept.
//
// Rules it keeps (rules.md 16):
//   - A PDF, a JPEG or a PNG, told by its content alone: what its sender calls it, and what
//     their browser says of it, count for nothing (FIL-01).
//   - An image is read and written anew: what was in it beside the picture (place, device,
//     another file behind its end) is gone (FIL-06). Its size in pixels is looked at before
//     it is unpacked (FIL-05), and only one is unpacked at a time, for the memory it takes.
//   - A PDF is whole, from its first byte to its last, has nothing behind its end, opens
//     without a password, and holds nothing that acts: no script, no program, no file inside.
//     It is kept as it is, and never shown but in a box without rights.
//   - The name under which it is shown is made by us from what it proves; what was typed is
//     no path and no header (FIL-02).
//   - What is asked of whom is a checklist of kinds, by profession; one that was never set
//     is DefaultChecklist.
package paper
