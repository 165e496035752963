package changeset

// Merged makes one line of those about the same thing: from before the first to after the
// last; what ended as it began is left out. The order is that of the first of each.
func Merged(lines []Line) []Line {
	at := map[Key]int{}
	out := make([]Line, 0, len(lines))
	for _, l := range lines {
		if l.Domain == GroupRecord {
			out = append(out, l) // what goes in and what goes out are two lines
			continue
		}
		if i, met := at[l.Key]; met {
			out[i].After = l.After
			continue
		}
		at[l.Key] = len(out)
		out = append(out, l)
	}
	kept := out[:0]
	for _, l := range out {
		if !l.Same(l.Before, l.After) {
			kept = append(kept, l)
		}
	}
	return kept
}

// Of gives the lines of some domains.
func Of(lines []Line, domains ...Domain) []Line {
	var out []Line
	for _, l := range lines {
		for _, d := range domains {
			if l.Domain == d {
				out = append(out, l)
			}
		}
	}
	return out
}
