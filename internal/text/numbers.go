package text

import (
	"strconv"
	"strings"
	"time"
)

// thousands stands between groups of three digits (DESIGN.md 9).
var thousands = map[Lang]string{FR: "\u00a0", EN: ","}

// Number says an integer with its thousands apart: «12 345», «12,345».
func (p *Printer) Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(thousands[p.lang])
		}
		b.WriteRune(r)
	}
	return b.String()
}

// units are the parts of a duration, the largest first.
var units = []struct {
	key  string
	size time.Duration
}{
	{"time.days", 24 * time.Hour},
	{"time.hours", time.Hour},
	{"time.minutes", time.Minute},
	{"time.seconds", time.Second},
}

// Duration says a length of time in its two largest parts: «30 jours»,
// «1 heure», «1 heure et 30 minutes», «5 minutes». What is smaller is rounded
// up, so that who waits as long as told has waited enough; nothing and less is
// said «1 seconde».
func (p *Printer) Duration(d time.Duration) string {
	d = roundUp(max(d, time.Second))
	var parts []string
	for _, u := range units {
		if n := d / u.size; n > 0 {
			parts = append(parts, p.T(u.key, countName, int(n)))
			d %= u.size
		}
	}
	return p.List(parts)
}

// roundUp drops what is smaller than the second part of a duration.
func roundUp(d time.Duration) time.Duration {
	for i, u := range units[:len(units)-1] {
		if d >= u.size {
			return ceil(d, units[i+1].size)
		}
	}
	return ceil(d, time.Second)
}

func ceil(d, unit time.Duration) time.Duration {
	if rest := d % unit; rest > 0 {
		return d - rest + unit
	}
	return d
}

// List says «a, b et c», «a, b and c»; nothing for no item.
func (p *Printer) List(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	last := len(items) - 1
	return p.T("common.list", "Head", strings.Join(items[:last], ", "), "Last", items[last])
}
