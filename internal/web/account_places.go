package web

import (
	"github.com/a-h/templ"

	"habilis/internal/web/ui"
)

func (v *visit) placesCard(p ui.Page) (templ.Component, error) {
	places, err := v.placeLines("")
	if err != nil {
		return nil, err
	}
	return OwnPlacesCard(p, places), nil
}
