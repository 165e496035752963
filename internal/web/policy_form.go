package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"habilis/internal/setting"
)

// policyForm is «Règles de sécurité» as typed: kept under a draft until it is saved.
type policyForm struct {
	Factors   []string
	Required  string
	Grace     string
	Networks  string // one a line
	Factor    bool   // the network is a factor
	Only      bool   // nobody comes in from elsewhere
	Idle      string // minutes
	Absolute  string // hours
	Device    string // days
	Email     bool
	Temporary bool
	Letters   bool
	Version   int64
}

// The fields of the form.
const (
	fieldFactors      = "factors"
	fieldRequired     = "required"
	fieldGrace        = "grace_days"
	fieldNetFactor    = "network_factor"
	fieldNetOnly      = "network_only"
	fieldIdle         = "idle_minutes"
	fieldAbsolute     = "absolute_hours"
	fieldDevice       = "device_days"
	fieldEmailByAdmin = "email_by_administrators"
	fieldTemporary    = "temporary_passwords"
	fieldLetters      = "access_letters"
)

func policyFormOf(s setting.Security) policyForm {
	return policyForm{
		Factors: s.Factors.List(), Required: string(s.Required), Grace: strconv.Itoa(s.GraceDays),
		Networks: strings.Join(networkTexts(s.Networks), "\n"), Factor: s.NetworkFactor, Only: s.NetworkOnly,
		Idle: strconv.Itoa(s.IdleMinutes), Absolute: strconv.Itoa(s.AbsoluteHours), Device: strconv.Itoa(s.DeviceDays),
		Email: s.EmailByAdministrators, Temporary: s.TemporaryPasswords, Letters: !s.QuietAccess, Version: s.Rev,
	}
}

func typedPolicy(f url.Values) policyForm {
	return policyForm{
		Factors: f[fieldFactors], Required: f.Get(fieldRequired), Grace: f.Get(fieldGrace), Networks: f.Get(fieldNetworks),
		Factor: f.Get(fieldNetFactor) != "", Only: f.Get(fieldNetOnly) != "", Idle: f.Get(fieldIdle), Absolute: f.Get(fieldAbsolute),
		Device: f.Get(fieldDevice), Email: f.Get(fieldEmailByAdmin) != "", Temporary: f.Get(fieldTemporary) != "",
		Letters: f.Get(fieldLetters) != "", Version: parseVersion(f.Get(fieldVersion)),
	}
}

// policy reads the form. Errors: fields to correct.
func (f policyForm) policy() (setting.Security, error) {
	networks, err := setting.ParseNetworks(strings.FieldsFunc(f.Networks, betweenNetworks))
	if err != nil {
		return setting.Security{}, err
	}
	factors, ok := setting.ParseFactors(f.Factors)
	if !ok {
		return setting.Security{}, errForm
	}
	return setting.Security{
		Factors: factors, Required: setting.Required(f.Required), GraceDays: wholeNumber(f.Grace), Networks: networks,
		NetworkFactor: f.Factor, NetworkOnly: f.Only, IdleMinutes: wholeNumber(f.Idle), AbsoluteHours: wholeNumber(f.Absolute),
		DeviceDays: wholeNumber(f.Device), EmailByAdministrators: f.Email, TemporaryPasswords: f.Temporary, QuietAccess: !f.Letters,
		Rev: f.Version,
	}, nil
}

// wholeNumber reads a whole number; what is none is out of all bounds.
func wholeNumber(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return -1
	}
	return n
}

// withCurrent are the values that a list offers, and the one in force.
func withCurrent(current string, values ...int) []int {
	if n := wholeNumber(current); n >= 0 && !slices.Contains(values, n) {
		values = append(values, n)
	}
	slices.Sort(values)
	return values
}
