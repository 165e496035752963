package changeset

// Why says why undoing leaves a line as it is: text key "changes.stays.<why>".
type Why string

// The reasons.
const (
	ChangedSince Why = "changed"     // somebody changed it meanwhile
	MemberGone   Why = "member_gone" // the member has left
	ObjectGone   Why = "object_gone" // the resource is closed, the role or the group removed
	NowTheirs    Why = "now_theirs"  // the resource is theirs
	NotAtSite    Why = "not_at_site" // they no longer belong to the site of the right
	SiteInUse    Why = "site_in_use" // other rights were given at the site meanwhile
	OverSince    Why = "over"        // it had an end, and has ended by itself
	NamesGone    Why = "names_gone"  // the names of the records are no longer kept
)

// Stay is a line that undoing leaves as it is. Of records, Line.Count is how many.
type Stay struct {
	Line
	Why Why
}

// Restored is what undoing some lines comes to: the lines that do it, those left, and what
// is worth reading before.
type Restored struct {
	Lines    []Line
	Stays    []Stay
	Warnings []Warning
	Proof    bool // it asks for a fresh proof of the person (rules.md 6)
}

// Add puts what another comes to beside it.
func (r *Restored) Add(o Restored) {
	r.Lines, r.Stays, r.Warnings = append(r.Lines, o.Lines...), append(r.Stays, o.Stays...), append(r.Warnings, o.Warnings...)
	r.Proof = r.Proof || o.Proof
}

// Left notes lines that stay as they are.
func (r *Restored) Left(why Why, lines ...Line) {
	for _, l := range lines {
		r.Stays = append(r.Stays, Stay{l, why})
	}
}
