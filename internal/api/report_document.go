package api

import (
	"strings"
	"time"

	"habilis/internal/decision"
	"habilis/internal/report"
	"habilis/internal/text"
)

func rightsReported(lines []report.Line, used bool) []ReportedRight {
	list := make([]ReportedRight, 0, len(lines))
	for i := range lines {
		l := &lines[i]
		r := rightReported(l)
		if used && !l.LastUse.IsZero() {
			day := l.LastUse.In(text.Zone).Format(time.DateOnly)
			r.LastUsedOn = &day
		}
		list = append(list, r)
	}
	return list
}

func rightReported(l *report.Line) ReportedRight {
	from := &l.Right
	r := ReportedRight{
		Member: l.Member.String(), Name: strings.TrimSpace(l.Name), Function: l.Function, Kind: l.Kind(), Object: from.Resource.ID,
		ObjectName: strings.TrimPrefix(from.Name, decision.BuiltIn), Level: from.Level, Permissions: append([]string{}, from.Acts...),
		GivenBy: from.GivenBy, GivenByName: from.GivenName, GivenAt: from.GivenAt.UTC(), StartsAt: from.StartsAt.UTC(), EndsAt: end(from.Until),
	}
	switch from.Kind {
	case decision.FactRole, decision.FactPermission:
		r.Object, r.Scope = from.ID, &from.Scope
		if from.Kind == decision.FactPermission {
			r.Object, r.ObjectName, r.Level = from.Level, from.Level, ""
		}
	case decision.FactGroup:
		r.Object = from.ID
	case decision.FactHolder:
		r.Level = "holder"
	case decision.FactGrant, decision.FactDelegation, decision.FactMembership, decision.FactSetting, decision.FactSite:
	}
	if site := from.Site.String(); site != "" {
		r.Site = &site
	}
	return r
}

func leaverOf(l report.Leaver) Leaver {
	return Leaver{
		Member: l.Member.String(), Name: l.Name, Function: l.Function, Sites: append([]string{}, l.Sites...), How: string(l.How), At: l.At.UTC(),
		DecidedBy: l.By, LastSignInAt: signedInAt(l.LastSignIn),
	}
}

func unprotectedOf(u report.Unprotected) UnprotectedAccount {
	return UnprotectedAccount{
		Member: u.Member.String(), Name: u.Name, Function: u.Function, Administers: u.Administers, Required: u.Asked, AccountSince: u.Since.UTC(),
		LastSignInAt: signedInAt(u.LastSignIn),
	}
}

// signedInAt is the moment of a sign-in; null: there was none.
func signedInAt(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return end(&at)
}
