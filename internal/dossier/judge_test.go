package dossier

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"habilis/internal/account"
	"habilis/internal/directory"
	"habilis/internal/member"
	"habilis/internal/paper"
)

// drawFacts draws whatever may be known of a file.
func drawFacts(t *rapid.T) Facts {
	b := func(name string) bool { return rapid.Bool().Draw(t, name) }
	kinds := rapid.SliceOfDistinct(rapid.SampledFrom(paper.Kinds), rapid.ID[paper.Kind])
	f := Facts{
		Before:      rapid.SampledFrom([]member.Verification{member.Unchecked, member.Incomplete, member.Verified}).Draw(t, "before"),
		EmailProved: b("email"), PhoneProved: b("phone"), Complete: b("complete"), NoRPPS: rapid.SampledFrom([]string{"", "étudiante"}).Draw(t, "none"),
		RPPS:      rapid.SampledFrom([]string{"", rpps}).Draw(t, "rpps"),
		Published: Published{b("asked"), b("known"), b("active"), b("name"), b("profession")},
		Held: rapid.SampledFrom([]member.Hold{
			member.NumberFree, member.NumberContested, member.NumberImported, member.NumberHeld,
		}).Draw(t, "held"),
		Other: b("other"), Ruling: rapid.SampledFrom([]Ruling{"", Validated, Refused}).Draw(t, "ruling"),
		Certified: b("certified"), PapersMissing: kinds.Draw(t, "missing"), PapersWait: kinds.Draw(t, "wait"),
	}
	f.HalfCertified = !f.Certified && b("half")
	return f
}

// VER-2: green if and only if there is no reason; every reason is a known one; what the
// directory publishes is necessary where a number is claimed, and never sufficient.
func TestJudge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		state, reasons := Judge(f)
		if (state == member.Verified) != (len(reasons) == 0) || (state != member.Verified && state != member.Incomplete) {
			t.Fatalf("%s with %v", state, reasons)
		}
		for _, r := range reasons {
			if !slices.Contains(ReasonCodes, r.Code) || (r.Paper != "") != (r.Code == PaperMissing || r.Code == PaperWaits) {
				t.Fatalf("%+v", r)
			}
		}
		if state != member.Verified {
			return
		}
		if !f.EmailProved || !f.PhoneProved || !f.Complete || f.Held.Bars(f.Ruling == Validated) || f.Other || f.Ruling == Refused || (f.RPPS == "" && f.NoRPPS == "") {
			t.Fatalf("green without the ground: %+v", f)
		}
		if !f.Certified && f.Ruling != Validated {
			t.Fatalf("green, and nobody answers for the person: %+v", f)
		}
		if f.RPPS != "" && !f.Published.agrees() && (f.Published.Asked || f.Before != member.Verified) {
			t.Fatalf("green against the directory: %+v", f)
		}
	})
}

// VER-2: more proof never closes, and an outage of the directory closes nothing (DIR-1).
func TestJudgeIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFacts(t)
		if state, _ := Judge(f); state != member.Verified {
			return
		}
		more := f
		more.Certified, more.HalfCertified, more.PapersMissing, more.PapersWait = true, false, nil, nil
		if state, reasons := Judge(more); state != member.Verified {
			t.Fatalf("more proof closed it: %v", reasons)
		}
		f.Before, f.Published = member.Verified, Published{}
		if state, reasons := Judge(f); state != member.Verified {
			t.Fatalf("the directory is down, and that closed it: %v", reasons)
		}
	})
}

// VER-3: what was declared stands beside what is published; a word in common of a double
// name is the same name.
func TestPublishedOf(t *testing.T) {
	r := Registration{Names: account.Names{GivenName: "Aicha", FamilyName: "Diallo-Martin"}, ProfessionCode: "50", Profession: "Sage-Femme", RPPS: rpps}
	answer := func(p ...directory.Practitioner) directory.Answer {
		return directory.Answer{Origin: directory.FromIndex, Practitioners: p}
	}
	found := midwife("DIALLO", practice("a", "50", "Cabinet du Port", "35000"))
	closedFile := found
	closedFile.Active = false
	other := midwife("KONÉ", practice("a", "60", "Cabinet du Port", "35000"))
	stranger := found
	stranger.RPPS = "99700001234"
	for name, c := range map[string]struct {
		answer directory.Answer
		want   Published
		differ []string
	}{
		"the same":            {answer(found), Published{true, true, true, true, true}, nil},
		"closed":              {answer(closedFile), Published{true, true, false, true, true}, nil},
		"another":             {answer(other), Published{true, true, true, false, false}, []string{"family_name", "profession"}},
		"unknown":             {answer(), Published{Asked: true}, nil},
		"not checked":         {directory.Answer{}, Published{}, nil},
		"about somebody else": {answer(stranger), Published{}, nil},
		"about two":           {answer(found, found), Published{}, nil},
	} {
		p, now := publishedOf(r, c.answer)
		var differ []string
		for _, l := range linesOf(r, p, now) {
			if l.Differs {
				differ = append(differ, l.Field)
			}
		}
		if p != c.want || !slices.Equal(differ, c.differ) {
			t.Errorf("%s: %+v, %v", name, p, differ)
		}
	}
}
