package webhook

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"habilis/internal/event"
	"habilis/internal/fault"
	"habilis/internal/outbound"
	"habilis/internal/text"
)

// checked gives the details as they are kept. Errors: fields to correct.
func (w Webhooks) checked(d Details) (Details, error) {
	var f fault.Fields
	name, problem := text.Line(d.Name, MaxName)
	f.Check("name", string(problem), "Max", MaxName)
	d.Name, d.URL = name, strings.TrimSpace(d.URL)
	w.checkURL(&f, d.URL)
	if len(d.Kinds) == 0 {
		f.Add("kinds", "webhook.kinds")
	}
	for _, k := range d.Kinds {
		if !event.Known(k) {
			f.Add("kinds", "webhook.kind_unknown")
			break
		}
	}
	d.Kinds = slices.Compact(slices.Sorted(slices.Values(d.Kinds)))
	return d, f.Err()
}

// checkURL looks at the address of an endpoint (OUT-01).
func (w Webhooks) checkURL(f *fault.Fields, address string) {
	u, err := url.Parse(address)
	switch {
	case address == "":
		f.Add(fieldURL, string(text.Empty))
	case len(address) > MaxURL:
		f.Add(fieldURL, string(text.TooLong), "Max", MaxURL)
	case err != nil || u.Fragment != "" || u.Hostname() == "":
		f.Add(fieldURL, "webhook.url")
	default:
		w.checkServer(f, u)
	}
}

// fieldURL is where the address stands in what was asked.
const fieldURL = "url"

// checkServer says why a server would not be spoken to.
func (w Webhooks) checkServer(f *fault.Fields, u *url.URL) {
	check := outbound.CheckURL
	if w.Client != nil {
		check = w.Client.Check
	}
	switch err := check(u); {
	case err == nil:
	case errors.Is(err, outbound.ErrScheme):
		f.Add(fieldURL, "webhook.url_https")
	case errors.Is(err, outbound.ErrPort):
		f.Add(fieldURL, "webhook.url_port")
	case errors.Is(err, outbound.ErrPrivate):
		f.Add(fieldURL, "webhook.url_private")
	case errors.Is(err, outbound.ErrOperator):
		f.Add(fieldURL, "webhook.url_operator")
	default:
		f.Add(fieldURL, "webhook.url")
	}
}

// host is the server of an address, as the trail and letters name it: what follows may hold a
// secret of the receiver's.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// Host is the server that the endpoint is at.
func (v Webhook) Host() string { return host(v.URL) }

// equal reports whether nothing differs.
func (d Details) equal(o Details) bool {
	return d.Name == o.Name && d.URL == o.URL && slices.Equal(d.Kinds, o.Kinds)
}
