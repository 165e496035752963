package demo

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"habilis/internal/member"
	"habilis/internal/text"
)

// person is somebody to make a member.
type person struct {
	title, given, family string
	job                  job
	sites                []int    // of the organisation, by their place in its list
	roles                []string // built-in codes, or names of the organisation's own
	admin                scope
	state                state
	seen                 moment // last sign-in; nil: never
	ends                 moment
	email                string // made from the name when empty
	rpps                 string // made when empty and the profession has one
}

// state is how far a person has come.
type state uint8

const (
	active      state = iota
	unused            // an account that never signed in
	invited           // no account yet, an invitation waits
	deactivated       // had access once
	locked            // active, but the password was tried too often
)

// scope is where a person administers.
type scope uint8

const (
	nowhere    scope = iota
	everywhere       // the organisation
	here             // the first of their sites
)

// moment is a time told from now.
type moment func(now time.Time) time.Time

// ago is a while before now.
func ago(d time.Duration) moment {
	return func(now time.Time) time.Time { return now.Add(-d) }
}

// at is a day before today, at an hour of France; one that is still to come today
// is yesterday's.
func at(days, hour, minute int) moment {
	return func(now time.Time) time.Time {
		n := now.In(paris)
		t := time.Date(n.Year(), n.Month(), n.Day()-days, hour, minute, 0, 0, paris)
		if t.After(now) && days >= 0 {
			t = t.AddDate(0, 0, -1)
		}
		return t
	}
}

var paris = mustLoad("Europe/Paris")

func mustLoad(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic("demo: " + err.Error()) // package text embeds the time zones
	}
	return l
}

// name is how a person is found in their organisation.
func (p person) name() string { return p.given + " " + p.family }

// address makes "prenom.nom@domain" of a name.
func (p person) address(domain string) string {
	if p.email != "" {
		return p.email
	}
	part := func(s string) string { return strings.Join(strings.Fields(text.Fold(s)), "-") }
	return part(p.given) + "." + part(p.family) + "@" + domain
}

// job is what a person does, as the register knows it.
type job struct {
	function, profession, specialty string
	profile                         member.ProfileType
	rpps                            bool
}

func regulated(function, profession string) job {
	return job{function: function, profession: profession, profile: member.Regulated, rpps: true}
}

func unregulated(profession, specialty string) job {
	return job{function: member.FunctionOther, profession: profession, specialty: specialty, profile: member.Unregulated}
}

func office(function, profession string) job {
	return job{function: function, profession: profession, profile: member.NonPractitioner}
}

func physician(specialty string) job {
	return job{function: "physician", profession: specialty, specialty: specialty, profile: member.Regulated, rpps: true}
}

// rppsNumber makes the RPPS of a serial number: eleven digits that begin with
// 99700, the last one the Luhn key (health/facts.md).
func rppsNumber(serial int) string {
	const digits = 5
	body := "99700" + strings.Repeat("0", digits-len(strconv.Itoa(serial))) + strconv.Itoa(serial)
	return body + luhn(body)
}

func luhn(body string) string {
	sum := 0
	for i := range body {
		d := int(body[len(body)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return strconv.Itoa((10 - sum%10) % 10)
}

// firstSerial begins the RPPS numbers of the Tilleuls; 1 is Claire's.
const firstSerial = 10

// nextRPPS gives the next number of an organisation whose people have none of
// their own.
func (p *place) nextRPPS() string {
	p.serial++
	return rppsNumber(firstSerial + p.serial + 40*slices.IndexFunc(organizations, func(o organization) bool { return o.slug == p.slug }))
}
