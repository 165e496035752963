package exchange

import (
	"slices"
	"strconv"
	"strings"

	"habilis/internal/access"
	"habilis/internal/account"
	"habilis/internal/enrolment"
	"habilis/internal/ident"
	"habilis/internal/identifier"
	"habilis/internal/member"
	"habilis/internal/role"
	"habilis/internal/text"
)

// Codes of a line that contradicts another, or itself.
const (
	codeRepeated  = "exchange.repeated"
	codeTwoPeople = "exchange.two_people"
	codeNoMember  = "exchange.no_member"
)

// person is a line as it is understood: the creation that it asks for, with what cannot be
// understood.
type person struct {
	line
	enrolment.Create

	key      string       // of the e-mail address; empty for none, or for what is none
	rpps     string       // as it is kept; empty for none, or for what is none
	asked    ident.Member // the member whom the file itself names
	orgRoles int          // the last of Roles are held in the whole organisation
	wrong    []Point
	lone     bool // the e-mail or number of an earlier line: it is not judged
}

// understand reads lines into people, by the words of the organisation.
func understand(l *lists, list []line, invites bool, lang text.Lang) []*person {
	people := make([]*person, len(list))
	seen := map[string]int{}
	for i := range list {
		p := &person{line: list[i]}
		p.Org, p.Language = l.org, lang
		p.read(l)
		if p.Welcome = enrolment.WelcomeNone; invites && p.Email != "" {
			p.Welcome = enrolment.WelcomeInvitation
		}
		p.repeats(seen)
		people[i] = p
	}
	return people
}

// repeats refuses the address, the number or the member of an earlier line: it would not be
// clear which of the two counts.
func (p *person) repeats(seen map[string]int) {
	for _, x := range []struct {
		column Column
		value  string
	}{{Email, p.key}, {RPPS, p.rpps}, {MemberID, p.asked.String()}} {
		if x.value == "" {
			continue
		}
		at := string(x.column) + " " + x.value
		if earlier, twice := seen[at]; twice {
			p.lone = true
			p.mark(x.column, codeRepeated, map[string]any{"Line": strconv.Itoa(earlier)})
			continue
		}
		seen[at] = p.No
	}
}

// mark notes what is wrong with a cell.
func (p *person) mark(c Column, code string, args map[string]any) {
	p.wrong = append(p.wrong, Point{Column: c, Code: code, Args: args})
}

// read reads every cell.
func (p *person) read(l *lists) {
	for _, c := range Columns {
		if code := p.Odd[c]; code != "" {
			p.mark(c, code, map[string]any{"Max": MaxCell})
		}
	}
	p.FamilyName, p.GivenName, p.Email, p.Phone = p.Cells[FamilyName], p.Cells[GivenName], p.Cells[Email], p.Cells[Phone]
	p.RPPS, p.MSSante, p.SIRET, p.AMNumber = p.Cells[RPPS], p.Cells[MSSante], p.Cells[SIRET], p.Cells[AMNumber]
	p.Function = p.choose(Function, codeFunction)
	p.Title = p.choose(Title, codeTitle)
	p.Reach = member.Reach(p.choose(Reach, codeReach))
	p.ProfileType = member.ProfileType(p.choose(Profile, codeProfile))
	if p.ProfileType == "" && p.RPPS != "" {
		p.ProfileType = member.Regulated
	}
	p.ProfessionCode, p.Profession = coded(Profession, p.Cells[Profession])
	p.SpecialtyCode, p.Specialty = coded(Specialty, p.Cells[Specialty])
	p.places(l)
	p.keys()
}

// choose reads a value of a closed list.
func (p *person) choose(c Column, unknown string) string {
	typed := p.Cells[c]
	if typed == "" {
		return ""
	}
	code, ok := vocabularies()[c][text.Fold(typed)]
	if !ok {
		p.mark(c, unknown, map[string]any{"Value": typed})
	}
	return code
}

// places reads the sites, and the roles: those of the first column at each of the sites, those
// of the second in the whole organisation.
func (p *person) places(l *lists) {
	for _, id := range p.among(Sites, l.sites, codeSite) {
		p.Sites = append(p.Sites, ident.Site(id))
	}
	if len(p.Sites) == 0 && p.Cells[Sites] == "" && len(l.Sites) == 1 {
		p.Sites = []ident.Site{ident.Site(l.Sites[0].id)}
	}
	for _, id := range p.among(Roles, l.roles, codeRole) {
		for _, s := range p.Sites {
			p.Roles = append(p.Roles, role.Given{Role: ident.Role(id), Scope: access.SiteScope(l.org, s)})
		}
	}
	for _, id := range p.among(OrgRoles, l.roles, codeRole) {
		p.Roles = append(p.Roles, role.Given{Role: ident.Role(id), Scope: access.OrgScope(l.org)})
		p.orgRoles++
	}
}

func (p *person) among(c Column, by map[string][]string, unknown string) []string {
	if p.Cells[c] == "" {
		return nil
	}
	ids, wrong := among(by, p.Cells[c], unknown)
	if wrong != nil {
		p.mark(c, wrong.Code, wrong.Args)
	}
	return ids
}

// keys are what people are told apart by.
func (p *person) keys() {
	if email, code := account.ParseEmail(p.Email); code == "" {
		p.key = email.Key
	}
	if n, err := identifier.ParseRPPS(p.RPPS); err == nil {
		p.rpps = string(n)
	}
	if typed := p.Cells[MemberID]; typed != "" {
		id, err := ident.ParseMember(typed)
		if err != nil {
			p.mark(MemberID, codeNoMember, nil)
			return
		}
		p.asked = id
	}
}

// columnOf says in which column stands what another package calls by the name of its field.
func columnOf(location string, roles, orgRoles int) Column {
	name, rest, _ := strings.Cut(location, "[")
	if name == "roles" {
		n, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
		if err == nil && n >= roles-orgRoles {
			return OrgRoles
		}
		return Roles
	}
	name = strings.TrimSuffix(name, "_code")
	if c := Column(name); slices.Contains(Columns, c) {
		return c
	}
	return ""
}

// refused notes what another package refuses, where nothing is said yet.
func (p *person) refused(points []Point) {
	for _, x := range points {
		said := slices.ContainsFunc(p.wrong, func(y Point) bool { return y.Column == x.Column })
		if !said || x.Column == "" {
			p.wrong = append(p.wrong, x)
		}
	}
}
