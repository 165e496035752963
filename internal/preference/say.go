package preference

import "habilis/internal/text"

// Say is what a notice tells, as one sentence.
func Say(t *text.Printer, n Notice) string {
	name := n.Name
	if name == "" {
		name = t.T("notices.somebody")
	}
	return t.T("notices.what."+string(n.What), "Count", n.Count, "Name", name, "Day", t.Date(n.Day))
}
