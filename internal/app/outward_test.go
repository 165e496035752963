package app

import (
	"strings"
	"testing"
)

// CFG-02, rules.md 17: a server that is not one stops the start, and is named.
func TestWebhookHosts(t *testing.T) {
	for _, bad := range []string{"agenda.interne", "https://agenda.interne:443", "agenda.interne:https", "agenda.interne:0", ":443", "*.interne:443", "a b:443"} {
		c := public()
		c.WebhookHosts = []string{"agenda.interne:443", bad}
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), "--webhook-hosts") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	c := public()
	c.WebhookHosts = []string{"agenda.interne:443", "[fd12::7]:8443", "10.0.0.7:443"}
	if err := c.Check(); err != nil {
		t.Error(err)
	}
}
