package web

import (
	"github.com/a-h/templ"

	"habilis/internal/fault"
	"habilis/internal/ident"
	"habilis/internal/member"
	"habilis/internal/web/ui"
)

var accountAddressRoutes = []route{
	{"GET /account/security/network/{org}", signed, (*visit).addressForm},
	{"POST /account/security/network/{org}", signed, (*visit).addAddress},
	{"GET /account/security/network/confirm/{factor}", signed, (*visit).confirmAddressForm},
	{"POST /account/security/network/confirm/{factor}", signed, (*visit).confirmAddress},
}

// pathOwnAddress is where a person makes the network of an organisation one of their factors.
const pathOwnAddress = ui.PathSecurity + "/network"

// ownNetwork is one network on the card.
type ownNetwork struct{ Label, Href string }

// addressCard offers the networks of one's organisations as a factor, where one of them
// wants it and the person is there, or was given one (SEC-2).
func (v *visit) addressCard(p ui.Page) (templ.Component, error) {
	own, err := v.s.Logins.OwnAddress(v.Context(), v.by)
	if err != nil || len(own.Offers)+len(own.ToProve) == 0 {
		return nil, err
	}
	places, err := v.s.Members.Places(v.Context(), v.by, "")
	if err != nil {
		return nil, err
	}
	text := v.t.T("care.own_text")
	var list []ownNetwork
	for _, o := range own.Offers {
		list = append(list, ownNetwork{v.t.T("care.own_add", "Org", orgNamed(places, o)), pathOwnAddress + "/" + o.String()})
	}
	for _, f := range own.ToProve {
		text = v.t.T("care.own_wait")
		list = append(list, ownNetwork{v.t.T("care.own_confirm"), pathOwnAddress + "/confirm/" + f.ID.String()})
	}
	return OwnNetworkCard(p, text, list), nil
}

func orgNamed(places []member.Place, id ident.Org) string {
	for i := range places {
		if places[i].Org.ID == id {
			return places[i].Org.Name
		}
	}
	return ""
}

func (v *visit) addressForm() error { return v.askOwnAddress(v.URL.Path, nil) }

func (v *visit) confirmAddressForm() error { return v.askOwnAddress(v.URL.Path, nil) }

func (v *visit) askOwnAddress(path string, refusal error) error {
	return v.askCare(v.accountFrame("care.own_title"), careAct{
		Crumb: v.t.T("account.page.title"), Back: ui.PathSecurity, Title: v.t.T("care.own_title"), Text: v.t.T("care.own_text"),
		Action: path, Button: ui.ButtonProps{Label: v.t.T("care.own_confirm"), Kind: ui.Primary},
	}, refusal)
}

func (v *visit) addAddress() error {
	org, err := ident.ParseOrg(v.PathValue("org"))
	if err != nil {
		return errPage
	}
	return v.ownAddress(func() error {
		_, err := v.s.Logins.AddAddress(v.Context(), v.by, org)
		return err
	})
}

func (v *visit) confirmAddress() error {
	id, err := ident.ParseFactor(v.PathValue("factor"))
	if err != nil {
		return errPage
	}
	return v.ownAddress(func() error { return v.s.Logins.ConfirmAddress(v.Context(), v.by, id) })
}

func (v *visit) ownAddress(act func() error) error {
	err := v.prove()
	if err == nil {
		err = act()
	}
	if err != nil && staysOnPage(fault.Of(err)) {
		return v.askOwnAddress(v.URL.Path, err)
	}
	if err != nil {
		return err
	}
	v.flash(ui.ToneOK, v.t.T("care.own_done"))
	return v.to(ui.PathSecurity)
}
