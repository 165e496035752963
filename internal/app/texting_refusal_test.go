package app

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSMSSettings (CFG-02, rules.md 17): a gateway that cannot work, or that others could
// listen to or pay for, stops the start and is named.
func TestSMSSettings(t *testing.T) {
	dir := t.TempDir()
	key, open := filepath.Join(dir, "key"), filepath.Join(dir, "open")
	for path, mode := range map[string]os.FileMode{key: 0o600, open: 0o640} {
		if err := os.WriteFile(path, []byte("s3cret\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	gateway := func(change func(*SMS)) func(*Config) {
		return func(c *Config) {
			c.SMSURL = "https://sms.example.fr/v1"
			change(&c.SMS)
		}
	}
	for _, c := range []struct {
		name    string
		from    func() Config
		change  func(*Config)
		setting string // empty: accepted
		says    string
	}{
		{"a gateway", public, gateway(func(s *SMS) {
			s.SMSHeaders, s.SMSSecretFile = []string{"Authorization: Bearer {{.Secret}}"}, key
		}), "", ""},
		{"a gateway asked by its address", public, gateway(func(s *SMS) { s.SMSURL, s.SMSMethod = "https://sms.example.fr/?d={{.Digits}}&t={{.Text}}", "GET" }), "", ""},
		{"http", public, gateway(func(s *SMS) { s.SMSURL = "http://sms.example.fr/" }), "--sms-url", "https"},
		{"no address", public, gateway(func(s *SMS) { s.SMSURL = "sms.example.fr" }), "--sms-url", "whole address"},
		{"a host that a number chooses", public, gateway(func(s *SMS) { s.SMSURL = "https://{{.To}}.example.fr/" }), "--sms-url", "whole address"},
		{"without a mail server", bare, gateway(func(*SMS) {}), "--sms-url", "--smtp-host"},
		{"plain, in development", bare, func(c *Config) { c.Dev, c.SMSURL = true, "http://127.0.0.1:9/" }, "", ""},
		{"plain elsewhere, in development", bare, func(c *Config) { c.Dev, c.SMSURL = true, "http://sms.example.fr/" }, "--sms-url", "https"},
		{"a secret that others read", public, gateway(func(s *SMS) { s.SMSSecretFile = open }), "--sms-secret-file", "chmod 600"},
		{"a secret that is not there", public, gateway(func(s *SMS) { s.SMSSecretFile = open + "x" }), "--sms-secret-file", "no such file"},
		{"a secret that nobody gave", public, gateway(func(s *SMS) { s.SMSHeaders = []string{"X-Key: {{.Secret}}"} }), "--sms-secret-file", "no secret"},
		{"a body that is no JSON", public, gateway(func(s *SMS) { s.SMSBody = "{{.To}} {{.Text}}" }), "--sms-body", "not of the kind"},
		{"a body that says nothing", public, gateway(func(s *SMS) { s.SMSBody = "{}" }), "--sms-body", "{{.Text}}"},
		{"an unknown value", public, gateway(func(s *SMS) { s.SMSBody = `{"a":"{{.Password}}"}` }), "--sms-body", "not one of"},
		{"a header without value", public, gateway(func(s *SMS) { s.SMSHeaders = []string{"X-Key"} }), "--sms-headers", "Name: value"},
		{"another method", public, gateway(func(s *SMS) { s.SMSMethod = "DELETE" }), "--sms-method", "GET, POST or PUT"},
		{"settings of no gateway", public, func(c *Config) { c.SMSBody = "x" }, "--sms-url", "name the gateway"},
		{"the whole world", public, func(c *Config) { c.SMSPrefixes = []string{"+336", "+"} }, "--sms-prefixes", "+336"},
		{"an empty prefix", public, func(c *Config) { c.SMSPrefixes = []string{""} }, "--sms-prefixes", "+336"},
		{"Belgium too", public, func(c *Config) { c.SMSPrefixes = []string{"+336", "+337", "+324"} }, "", ""},
		{"no messages", public, func(c *Config) { c.SMSPerDay = -1 }, "--sms-per-day", "number"},
		{"too many messages", public, func(c *Config) { c.SMSPerDay = MaxSMSPerDay + 1 }, "--sms-per-day", "number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := c.from()
			c.change(&config)
			refused(t, config.Check(), c.setting, c.says)
		})
	}
}
