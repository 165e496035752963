package dossier

import (
	"slices"

	"habilis/internal/directory"
	"habilis/internal/member"
	"habilis/internal/paper"
	"habilis/internal/text"
)

// Facts are all that decides whether a file is green (VER-2).
type Facts struct {
	Before                    member.Verification // what it was: an outage of the directory closes nothing
	EmailProved, PhoneProved  bool
	Complete                  bool   // sent, with the consents
	RPPS, NoRPPS              string // claimed, or the reason for none
	Published                 Published
	Held                      member.Hold // what somebody else has of this RPPS
	Other                     bool        // the member bears another
	Ruling                    Ruling
	Certified, HalfCertified  bool // by this organisation; by the first of two people
	Mailbox                   MailboxStanding
	PapersMissing, PapersWait []paper.Kind // not there; not yet scanned
}

// Published is what the national directory says of a claimed number.
type Published struct{ Asked, Known, Active, SameName, SameProfession bool }

// agrees reports whether the directory knows the person under the number, as declared.
func (p Published) agrees() bool {
	return p.Asked && p.Known && p.Active && p.SameName && p.SameProfession
}

// ReasonCode says why a file is orange.
type ReasonCode string

// The reasons, in the order in which they are told: text keys dossier.reason.<code>.
const (
	EmailUnproved     ReasonCode = "email_unproved"
	PhoneUnproved     ReasonCode = "phone_unproved"
	Unfinished        ReasonCode = "unfinished"
	RPPSUnexplained   ReasonCode = "rpps_unexplained"
	DirectorySilent   ReasonCode = "directory_silent"
	RPPSUnknown       ReasonCode = "rpps_unknown"
	RPPSClosed        ReasonCode = "rpps_closed"
	NameDiffers       ReasonCode = "name_differs"
	ProfessionDiffers ReasonCode = "profession_differs"
	RPPSTaken         ReasonCode = "rpps_taken"
	RPPSOther         ReasonCode = "rpps_other"
	SupportRefused    ReasonCode = "support_refused"
	PaperMissing      ReasonCode = "paper_missing"
	PaperWaits        ReasonCode = "paper_waits"
	SecondPerson      ReasonCode = "second_person"
	MailboxSilent     ReasonCode = "mailbox_silent"
	MailboxEnded      ReasonCode = "mailbox_ended"
	ProofMissing      ReasonCode = "proof_missing"
)

// ReasonCodes are all of them.
var ReasonCodes = []ReasonCode{
	EmailUnproved, PhoneUnproved, Unfinished, RPPSUnexplained, DirectorySilent, RPPSUnknown, RPPSClosed, NameDiffers, ProfessionDiffers,
	RPPSTaken, RPPSOther, SupportRefused, PaperMissing, PaperWaits, SecondPerson, MailboxSilent, MailboxEnded,
	ProofMissing,
}

// Reason is one of them; of a paper, which.
type Reason struct {
	Code  ReasonCode `json:"code"`
	Paper paper.Kind `json:"paper,omitempty"`
}

// Words says a reason, to whoever decides and to the person alike.
func (r Reason) Words(t *text.Printer) string {
	if r.Paper == "" {
		return t.T("dossier.reason." + string(r.Code))
	}
	return t.T("dossier.reason."+string(r.Code), "Paper", t.T("paper.kind."+string(r.Paper)))
}

// Judge computes the state of a file: green (member.Verified) when nothing speaks against
// it, else orange (member.Incomplete) with every reason. What the directory publishes is
// necessary where a number is claimed and never sufficient, since a number is public: green
// needs support's validation, this organisation's certification, or a code that came back from
// the directory's own mailbox of the practitioner (VER-2). Papers count as long as nobody has
// vouched, and a mailbox does not answer for them. A directory that does not answer opens nothing, and closes
// nothing that was open (DIR-1).
func Judge(f Facts) (member.Verification, []Reason) {
	reasons := append(f.unproved(), f.against()...)
	if !f.vouched() {
		reasons = append(reasons, f.awaited()...)
	}
	if len(reasons) > 0 {
		return member.Incomplete, reasons
	}
	return member.Verified, nil
}

// vouched reports whether somebody answers for the person.
func (f Facts) vouched() bool { return f.Certified || f.Ruling == Validated }

// unproved is what the person has still to do.
func (f Facts) unproved() (reasons []Reason) {
	note := func(missing bool, code ReasonCode) {
		if missing {
			reasons = append(reasons, Reason{Code: code})
		}
	}
	note(!f.EmailProved, EmailUnproved)
	note(!f.PhoneProved, PhoneUnproved)
	note(!f.Complete, Unfinished)
	note(f.RPPS == "" && f.NoRPPS == "", RPPSUnexplained)
	return reasons
}

// against is what speaks against the person, whoever vouches.
func (f Facts) against() (reasons []Reason) {
	note := func(code ReasonCode) { reasons = append(reasons, Reason{Code: code}) }
	if f.RPPS != "" && !f.Published.agrees() {
		switch p := f.Published; {
		case !p.Asked:
			if f.Before != member.Verified {
				note(DirectorySilent)
			}
		case !p.Known:
			note(RPPSUnknown)
		case !p.Active:
			note(RPPSClosed)
		default:
			if !p.SameName {
				note(NameDiffers)
			}
			if !p.SameProfession {
				note(ProfessionDiffers)
			}
		}
	}
	if f.Held.Bars(f.Ruling == Validated) {
		note(RPPSTaken)
	}
	if f.Other {
		note(RPPSOther)
	}
	if f.Ruling == Refused {
		note(SupportRefused)
	}
	return reasons
}

// awaited is what would let somebody vouch.
func (f Facts) awaited() (reasons []Reason) {
	for _, kind := range f.PapersMissing {
		reasons = append(reasons, Reason{Code: PaperMissing, Paper: kind})
	}
	for _, kind := range f.PapersWait {
		reasons = append(reasons, Reason{Code: PaperWaits, Paper: kind})
	}
	switch {
	case f.HalfCertified && f.Mailbox != MailboxStands:
		reasons = append(reasons, Reason{Code: SecondPerson})
	case f.Ruling != Refused:
		reasons = append(reasons, f.Mailbox.awaited()...)
	}
	return reasons
}

// Line is one fact of a file: as declared, and as the directory publishes it.
type Line struct {
	Field     string // "family_name", "given_name", "profession", "specialty", "place"
	Declared  string
	Published string
	Differs   bool
}

// publishedOf says what an answer means for what somebody declared.
func publishedOf(r Registration, a directory.Answer) (p Published, now directory.Practitioner) {
	p.Asked = a.Origin != directory.NotChecked
	for _, found := range a.Practitioners {
		if found.RPPS != r.RPPS || now.RPPS != "" {
			return Published{}, directory.Practitioner{} // about somebody else, or about several: no answer
		}
		now = found
	}
	if r.RPPS == "" || now.RPPS == "" {
		return p, directory.Practitioner{}
	}
	p.Known, p.Active = true, now.Active
	p.SameName = shares(r.Names.FamilyName, now.FamilyName) && shares(r.Names.GivenName, now.GivenName)
	p.SameProfession = practises(now, directory.Code{Code: r.ProfessionCode, Label: r.Profession})
	return p, now
}

// shares reports whether two names have a word in common, accents and case ignored: of a
// double name people often use one half.
func shares(a, b string) bool {
	words := text.FoldWords(b)
	return slices.ContainsFunc(text.FoldWords(a), func(w string) bool { return slices.Contains(words, w) })
}

// linesOf puts what was declared beside what is published.
func linesOf(r Registration, p Published, now directory.Practitioner) []Line {
	if !p.Known {
		return nil
	}
	chosen := closest(now, directory.Activity{Profession: directory.Code{Code: r.ProfessionCode, Label: r.Profession}})
	return []Line{
		{"family_name", r.Names.FamilyName, now.FamilyName, !shares(r.Names.FamilyName, now.FamilyName)},
		{"given_name", r.Names.GivenName, now.GivenName, !shares(r.Names.GivenName, now.GivenName)},
		{"profession", r.Profession, chosen.Profession.Label, !p.SameProfession},
		{"specialty", "", specialty(chosen), false},
		{"place", "", chosen.Structure.Line(), false},
	}
}
