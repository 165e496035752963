package app

import (
	"net"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"habilis/internal/outbound"
	"habilis/internal/webhook"
)

// Outward says where events may be sent, beside the public web.
type Outward struct {
	WebhookHosts []string `name:"webhook-hosts" help:"Servers of your own network, host:port, to which organisations may have their events sent." placeholder:"HOST:PORT"` //nolint:lll // a tag is one literal
}

// checkOutward refuses what openSender could not use.
func (c Config) checkOutward() error {
	for _, h := range c.WebhookHosts {
		host, port, err := net.SplitHostPort(h)
		n, e := strconv.ParseUint(port, 10, 16)
		if err != nil || e != nil || n == 0 || host == "" || strings.ContainsAny(host, "/*@ ") {
			return refuse("--webhook-hosts", "%q is not a server: write its name and port, for example agenda.interne.example.fr:443", h)
		}
	}
	return nil
}

// newTries counts how deliveries were taken.
func newTries() *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "habilis_webhook_tries_total", Help: "Tries to deliver an event, by how the receiver took it.",
	}, []string{"outcome"})
	for _, o := range webhook.Outcomes {
		c.WithLabelValues(string(o)) // there from the start, at zero
	}
	return c
}

// openSender makes what sends events. Over plain http only servers that the operator named
// are spoken to, in development.
func (a *App) openSender() error {
	proxy, err := a.Config.outboundProxy()
	if err != nil {
		return err
	}
	a.Webhooks.Base = strings.TrimSuffix(a.Public.String(), "/")
	a.Webhooks.Client = outbound.New(outbound.Options{
		Operator: a.Config.WebhookHosts, Plain: a.Config.Dev, Proxy: proxy, Roots: a.Config.Roots, PerHost: webhook.PerHost,
	})
	a.tries = newTries()
	a.Sender = &webhook.Dispatcher{
		Webhooks: a.Webhooks, Log: a.Log, Tried: func(o webhook.Outcome) { a.tries.WithLabelValues(string(o)).Inc() },
	}
	a.Runner.Told = a.Sender.Wake
	return nil
}
