package member

import (
	"slices"
	"strings"
	"time"

	"habilis/internal/account"
	"habilis/internal/fault"
	"habilis/internal/identifier"
	"habilis/internal/nomenclature"
	"habilis/internal/text"
)

// Faults of an edition. They carry the fields that may not be changed.
var (
	// ErrLocked is the refusal of another RPPS or profile type, once saved (MEM-3).
	ErrLocked = fault.New(fault.Conflict, "member.locked")
	// ErrImported is the refusal of another name than the imported one (CHG-1).
	ErrImported = fault.New(fault.Conflict, "member.name_imported")
	// ErrEmailBelongs is the refusal of another e-mail address: it is the person's (CHG-2).
	ErrEmailBelongs = fault.New(fault.Forbidden, "member.email_belongs")
)

// ProfileTypes are the profile types, in the order of the screens: A, B, C.
var ProfileTypes = []ProfileType{Regulated, Unregulated, NonPractitioner}

// Reaches are whom a member may converse with, in the order of the screens.
var Reaches = []Reach{ReachSite, ReachEveryone}

// edition is a member as they become, with what speaks against it. A new member is an
// edition of nobody.
type edition struct {
	Member
	was      Member
	now      time.Time
	replaced *Member // whom the locum replaces, when the editor may know of them
	unowned  bool    // nobody has the e-mail address for theirs yet
	adopted  bool    // an identity was imported just now

	wrong   fault.Fields
	refused []fault.Field
	doubts  []string
}

// settle applies a change. What it refuses is in verdict.
func (e *edition) settle(c *Change) {
	e.number(c.RPPS)
	e.profile(c.ProfileType)
	switch {
	case c.Import != nil:
		e.adopt(c.Import)
	case e.RPPS != e.was.RPPS:
		e.Identity = Identity{Source: Declared, At: &e.now}
	}
	e.words(c)
	e.contact(c)
	e.practice(c)
	e.replaces(c.Locum)
	e.consistent()
}

// refuse notes a field that may not change, whatever is typed.
func (e *edition) refuse(at string, f *fault.Error) {
	e.refused = append(e.refused, fault.Field{Location: at, Code: f.Code})
}

// verdict is nil when the change may be made.
func (e *edition) verdict() error {
	for _, f := range []*fault.Error{ErrLocked, ErrEmailBelongs, ErrImported} {
		if slices.ContainsFunc(e.refused, func(r fault.Field) bool { return r.Code == f.Code }) {
			refusal := *f
			refusal.Fields = e.refused
			return &refusal
		}
	}
	return e.wrong.Err()
}

// number sets the RPPS: once, and then never another (MEM-3).
func (e *edition) number(typed *string) {
	if typed == nil {
		return
	}
	if e.was.RPPS != "" {
		if rpps, err := identifier.ParseRPPS(*typed); err != nil || string(rpps) != e.was.RPPS {
			e.refuse("rpps", ErrLocked)
		}
		return
	}
	rpps := identifier.Check(&e.wrong, "rpps", *typed, identifier.ParseRPPS)
	e.doubt(rpps.Doubt())
	e.RPPS = string(rpps)
}

// profile sets the profile type: B and C become A with their first RPPS, and no other
// change is one (MEM-3).
func (e *edition) profile(typed *ProfileType) {
	want := e.ProfileType
	switch {
	case typed != nil && !slices.Contains(ProfileTypes, *typed):
		e.wrong.Add("profile_type", "member.profile_type_unknown")
		return
	case typed != nil:
		want = *typed
	case e.RPPS != e.was.RPPS:
		want = Regulated
	}
	if e.was.ProfileType != "" && want != e.was.ProfileType && (want != Regulated || e.was.RPPS != "") {
		e.refuse("profile_type", ErrLocked)
		return
	}
	e.ProfileType = want
}

// words sets what is chosen from a list or typed freely.
func (e *edition) words(c *Change) {
	e.name("given_name", c.GivenName, &e.GivenName)
	e.name("family_name", c.FamilyName, &e.FamilyName)
	choose(e, "title", "member.title_unknown", c.Title, &e.Title, Titles)
	choose(e, "function", "member.function_unknown", c.Function, &e.Function, Functions)
	choose(e, "messaging_reach", "member.reach_unknown", c.Reach, &e.Reach, Reaches)
	e.coded("profession", "member.profession_unknown", c.ProfessionCode, c.Profession, &e.ProfessionCode, &e.Profession,
		nomenclature.Profession)
	e.coded("specialty", "member.specialty_unknown", c.SpecialtyCode, c.Specialty, &e.SpecialtyCode, &e.Specialty,
		nomenclature.Specialty)
}

// name sets a name. An imported one changes with the directory only (CHG-1); while it
// is being imported it may be written with small letters and accents.
func (e *edition) name(at string, typed, field *string) {
	if typed == nil || e.wrong.Has(at) {
		return
	}
	clean := personName(&e.wrong, at, *typed)
	switch {
	case e.wrong.Has(at) || clean == *field:
	case e.Identity.Source == FromDirectory && (!e.adopted || text.Fold(clean) != text.Fold(*field)):
		e.refuse(at, ErrImported)
	default:
		*field = clean
	}
}

func choose[T ~string](e *edition, at, code string, typed, field *T, all []T) {
	switch {
	case typed == nil:
	case !slices.Contains(all, *typed):
		e.wrong.Add(at, code)
	default:
		*field = *typed
	}
}

// coded sets a value of a national list, or free text when the code is empty (MEM-4).
// What was imported with an identity changes with it only.
func (e *edition) coded(at, unknown string, code, typed, codeField, field *string, find func(string) (nomenclature.Code, bool)) {
	newCode, newText := *codeField, *field
	switch {
	case code == nil && typed == nil:
		return
	case code != nil && *code != "" && *code == *codeField:
		return
	case code != nil && *code != "":
		found, ok := find(*code)
		if !ok {
			e.wrong.Add(at+"_code", unknown)
			return
		}
		newCode, newText = found.Code, found.Label
	case typed != nil:
		if newText = optional(&e.wrong, at, *typed); newText != *field || code != nil {
			newCode = ""
		}
	default:
		newCode = ""
	}
	if e.Identity.Source == FromDirectory && (newCode != *codeField || newText != *field) {
		e.refuse(at, ErrImported)
		return
	}
	*codeField, *field = newCode, newText
}

// contact sets how the person is reached.
func (e *edition) contact(c *Change) {
	e.address(c.Email)
	checked(e, "phone", c.Phone, &e.Phone, identifier.ParsePhone)
	checked(e, "mssante", c.MSSante, &e.MSSante, identifier.ParseMSSante)
}

// practice sets the numbers printed on documents (MEM-5).
func (e *edition) practice(c *Change) {
	checked(e, "siret", c.SIRET, &e.SIRET, identifier.ParseSIRET)
	checked(e, "am_number", c.AMNumber, &e.AMNumber, identifier.ParseAM)
}

func checked[T ~string](e *edition, at string, typed, field *string, parse func(string) (T, error)) {
	if typed == nil {
		return
	}
	v := identifier.Check(&e.wrong, at, *typed, parse)
	if plausible, ok := any(v).(interface{ Doubt() string }); ok && string(v) != *field {
		e.doubt(plausible.Doubt())
	}
	*field = string(v)
}

// address sets the e-mail address, while nobody has it for theirs: an account, or an
// invitation under way, makes it the person's own (CHG-2).
func (e *edition) address(typed *string) {
	switch {
	case typed == nil || strings.TrimSpace(*typed) == e.Email:
	case !e.unowned:
		e.refuse("email", ErrEmailBelongs)
	case strings.TrimSpace(*typed) == "":
		e.Email = ""
	default:
		address, code := account.ParseEmail(*typed)
		e.wrong.Check("email", code, "Max", account.MaxEmail)
		e.Email = address.Address
	}
}

// doubt notes what is only plausible, for the eye of whoever saves it.
func (e *edition) doubt(key string) {
	if key != "" && !slices.Contains(e.doubts, key) {
		e.doubts = append(e.doubts, key)
	}
}

// consistent asks what depends on the profile type (MEM-1 to MEM-5).
func (e *edition) consistent() {
	require := func(at, code string, broken bool) {
		if broken && !e.wrong.Has(at) {
			e.wrong.Add(at, code)
		}
	}
	practitioner := e.ProfileType != NonPractitioner
	require("rpps", "member.rpps_required", e.ProfileType == Regulated && e.RPPS == "")
	require("rpps", "member.rpps_regulated_only", e.ProfileType != Regulated && e.RPPS != "")
	require("specialty", "member.specialty_required", e.ProfileType == Unregulated && e.Specialty == "")
	require("specialty", "member.practitioner_only", !practitioner && e.Specialty != "")
	require("siret", "member.practitioner_only", !practitioner && e.SIRET != "")
	require("am_number", "member.practitioner_only", !practitioner && e.AMNumber != "")
	require("locum", "member.practitioner_only", !practitioner && e.Locum != nil)
	require("rpps", "member.profession_not_regulated", e.unregulated())
	e.proposes()
}
