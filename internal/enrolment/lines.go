package enrolment

import (
	"habilis/internal/account"
)

// entry is one valid address of a request, once.
type entry struct {
	line  int // its place in the report
	email account.Email
}

// request is what the addresses of a command come down to.
type request struct {
	report  Report
	entries []entry
	same    map[int]int // a line that repeats an earlier one
}

// read parses the addresses. A line that repeats another is told so afterwards.
func read(emails []string) request {
	r := request{report: Report{Lines: make([]Line, len(emails))}, same: map[int]int{}}
	first := make(map[string]int, len(emails))
	for n, typed := range emails {
		r.report.Lines[n].Email = typed
		email, code := account.ParseEmail(typed)
		if code != "" {
			r.report.Lines[n].Fate, r.report.Lines[n].Code = Invalid, code
			continue
		}
		if earlier, twice := first[email.Key]; twice {
			r.same[n] = earlier
			continue
		}
		first[email.Key] = n
		r.entries = append(r.entries, entry{n, email})
	}
	return r
}

// put writes the fates of some entries into the report.
func (r *request) put(entries []entry, fates []Line) {
	for n, e := range entries {
		typed := r.report.Lines[e.line].Email
		r.report.Lines[e.line] = fates[n]
		r.report.Lines[e.line].Email = typed
	}
}

// close gives the lines that repeat another what became of that one.
func (r *request) close() Report {
	for n, earlier := range r.same {
		typed := r.report.Lines[n].Email
		r.report.Lines[n] = r.report.Lines[earlier].again()
		r.report.Lines[n].Email = typed
	}
	return r.report
}

// again is the fate of an address that has just had this one.
func (l Line) again() Line {
	switch l.Fate {
	case Invited:
		l.Fate = AlreadyInvited
	case Joined:
		l.Fate = AlreadyMember
	case AlreadyInvited, AlreadyMember, Throttled, Invalid:
	}
	return l
}
