package review

import (
	"strings"
	"time"

	"habilis/internal/ident"
)

// row is somebody in a campaign, as it is kept.
type row struct {
	member     ident.Member
	no         int64
	photograph rights
	judged     rights // what they might do when it was decided
	reviewer   ident.Member
	version    int64
	choice     Choice
	leaves     Leave // of Remove: what was decided that they leave
	drops      []string
	comment    string
	decidedBy  string // account or token
	decidedAt  time.Time
	outcome    Outcome
	code       string
	changeSet  ident.ChangeSet
	doneAt     time.Time
	gone       bool  // no member any more, or not of the site of the campaign
	leaving    Leave // what they would leave now, if they were taken away
}

// key names a campaign.
type key struct {
	org ident.Org
	id  ident.Review
}

// candidate is a member whom a campaign may be about.
type candidate struct {
	id          ident.Member
	deactivated bool
	seen        time.Time // last sign-in
}

// who is the account or token of an authority.
func who(authority string) string {
	first, _, _ := strings.Cut(authority, "/")
	return first
}

// outdated reports whether what was decided is not about what they may do now. Of who is taken away
// everything goes, whatever was given since: it is judged again when they would leave something else,
// the organisation instead of one of their sites, or the other way round.
func (p *row) outdated(now rights) bool {
	switch p.choice {
	case Keep:
		return now.grew(p.judged)
	case Reduce:
		return now.grew(p.judged)
	case Remove:
		return p.leaves != p.leaving
	case Undecided:
	}
	return false
}

// falls are the rights that a reduction takes away, of those that are there still.
func (p *row) falls(now rights) rights {
	var list rights
	for _, k := range p.drops {
		if r, found := now.find(k); found {
			list = append(list, r)
		}
	}
	return list
}
