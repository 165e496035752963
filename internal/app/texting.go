package app

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"habilis/internal/credential"
	"habilis/internal/dossier"
	"habilis/internal/login"
	"habilis/internal/notify"
	"habilis/internal/outbound"
	"habilis/internal/secret"
)

// MaxSMSPerDay bounds what an operator may pay for in a day.
const MaxSMSPerDay = 1_000_000

// SMS says through whom codes are sent by SMS (SEC-7). Without a gateway, SMS is no second
// factor; in development each message is a file.
type SMS struct {
	SMSURL        string   `name:"sms-url" help:"HTTPS gateway that sends codes by SMS. Without one, none is sent." placeholder:"URL"`
	SMSMethod     string   `name:"sms-method" enum:"POST,PUT,GET" default:"POST" help:"How the gateway is asked: ${enum}."`
	SMSHeaders    []string `name:"sms-headers" sep:"none" help:"Header of the request, Name: value; {{.Secret}} is what the file holds." placeholder:"HEADER"` //nolint:lll // a tag is one literal
	SMSType       string   `name:"sms-type" enum:"json,form" default:"json" help:"Form of the body: ${enum}."`
	SMSBody       string   `name:"sms-body" help:"Body of the request, with {{.To}} and {{.Text}}; by default these two, as to and text." placeholder:"TEMPLATE"` //nolint:lll // a tag is one literal
	SMSSecretFile string   `name:"sms-secret-file" help:"File, readable by its owner alone, that holds the gateway's secret." placeholder:"FILE"`                 //nolint:lll // a tag is one literal
	SMSPrefixes   []string `name:"sms-prefixes" help:"Beginnings of the mobile numbers that may be written to; by default the French ones." placeholder:"PREFIX"` //nolint:lll // a tag is one literal
	SMSPerDay     int64    `name:"sms-per-day" default:"500" help:"Messages by SMS of the whole installation in a day."`
}

// prefixShape is the beginning of an international number: the operator's list holds no
// empty one, which would allow the whole world.
var prefixShape = regexp.MustCompile(`^\+[1-9][0-9]{0,9}$`)

// checkSMS refuses what openGateway would, before anything is opened.
func (c Config) checkSMS() error {
	if c.SMSPerDay < 1 || c.SMSPerDay > MaxSMSPerDay {
		return refuse("--sms-per-day", "choose a number from 1 to %d", MaxSMSPerDay)
	}
	for _, p := range c.SMSPrefixes {
		if !prefixShape.MatchString(p) {
			return refuse("--sms-prefixes", "%q is not the beginning of an international number, such as +336", p)
		}
	}
	if c.SMSURL == "" {
		return c.smsAlone()
	}
	if c.Host == "" && !c.Dev {
		return refuse("--sms-url", "name a mail server too (--smtp-host): without one nothing leaves the queue")
	}
	_, err := c.httpGateway()
	return err
}

// smsAlone refuses what goes with a gateway where there is none.
func (s SMS) smsAlone() error {
	if s.SMSBody != "" || s.SMSSecretFile != "" || len(s.SMSHeaders) > 0 {
		return refuse("--sms-url", "name the gateway that the other settings of SMS are for")
	}
	return nil
}

// smsURL reads the address of the gateway, without its query. Plain http is for development
// on this machine.
func (c Config) smsURL() (*url.URL, error) {
	u, err := notify.ParseGatewayURL(c.SMSURL)
	switch {
	case err != nil || !ofWeb(u):
		return nil, refuse("--sms-url", "write a whole address, for example https://sms.example.fr/messages; {{.To}} may stand after its ?")
	case u.Scheme != "https" && (!c.Dev || !loopbackURL(u)):
		return nil, refuse("--sms-url", "use https:// — http is accepted for this machine alone, with --dev")
	}
	return u, nil
}

// openGateway chooses how messages by SMS leave: none, files, or somebody's HTTP service.
func (a *App) openGateway() (err error) {
	c := a.Config
	a.Logins.SMS = login.Texting{On: true, PerDay: c.SMSPerDay, Prefixes: credential.Prefixes(c.SMSPrefixes), Refused: a.sms.refused}
	switch {
	case c.SMSURL == "" && !c.Dev:
		a.Logins.SMS.On = false
	case c.SMSURL == "":
		a.Gateway, err = notify.NewSMSOutbox(c.Data)
	default:
		a.Gateway, err = c.httpGateway()
	}
	a.Registrations.Texts = dossier.Texts{
		On: a.Logins.SMS.On, Prefixes: a.Logins.SMS.Prefixes, Take: a.Logins.TakeText, Refused: a.sms.refused,
	}
	return err
}

// httpGateway describes the gateway to package notify, which checks its templates.
func (c Config) httpGateway() (*notify.HTTPGateway, error) {
	u, err := c.smsURL()
	if err != nil {
		return nil, err
	}
	proxy, err := c.outboundProxy()
	if err != nil {
		return nil, err
	}
	key, err := c.smsSecret()
	if err != nil {
		return nil, err
	}
	client := outbound.New(outbound.Options{
		Operator: []string{outbound.HostPort(u)}, Plain: c.Dev, Proxy: proxy, Roots: c.Roots,
	})
	g, err := notify.NewHTTPGateway(notify.GatewayConfig{
		URL: c.SMSURL, Method: c.SMSMethod, Headers: c.SMSHeaders, Kind: notify.BodyKind(c.SMSType), Body: c.SMSBody, Secret: key,
	}, client)
	if err != nil {
		return nil, refuse(smsSetting(err), "%s", strings.TrimPrefix(err.Error(), "notify: "))
	}
	return g, nil
}

// smsSetting is where an operator mends what package notify refuses.
func smsSetting(err error) string {
	for setting, of := range map[string]error{
		"--sms-url": notify.ErrGatewayURL, "--sms-method": notify.ErrGatewayMethod, "--sms-headers": notify.ErrGatewayHeader,
		"--sms-secret-file": notify.ErrGatewaySecret,
	} {
		if errors.Is(err, of) {
			return setting
		}
	}
	return "--sms-body"
}

func (s SMS) smsSecret() (secret.Text, error) {
	if s.SMSSecretFile == "" {
		return secret.Text{}, nil
	}
	b, err := readSecretFile(s.SMSSecretFile)
	if err != nil {
		return secret.Text{}, refuse("--sms-secret-file", "%s", err)
	}
	return secret.NewText(strings.TrimRight(string(b), "\r\n")), nil
}

// smsFigures counts the messages of this server.
type smsFigures struct{ total *prometheus.CounterVec }

func newSMSFigures() smsFigures {
	f := smsFigures{prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "habilis_sms_total", Help: "Messages by SMS: sent, failed at one try, refused by a limit.",
	}, []string{"outcome"})}
	for _, o := range []notify.SMSOutcome{notify.SMSSent, notify.SMSFailed, notify.SMSRefused} {
		f.total.WithLabelValues(string(o)) // there from the start, at zero
	}
	return f
}

func (f smsFigures) texted(o notify.SMSOutcome) { f.total.WithLabelValues(string(o)).Inc() }

func (f smsFigures) refused() { f.texted(notify.SMSRefused) }
