package web

import (
	"habilis/internal/org"
	"habilis/internal/text"
	"habilis/internal/web/ui"
)

func kinds(t *text.Printer) []ui.Option {
	list := make([]ui.Option, 0, len(org.Kinds))
	for _, k := range org.Kinds {
		list = append(list, ui.Option{Value: string(k), Label: t.T("kind." + string(k))})
	}
	return list
}

func enamels(t *text.Printer) []ui.Option {
	list := make([]ui.Option, 0, len(org.Enamels))
	for _, e := range org.Enamels {
		list = append(list, ui.Option{Value: e, Label: t.T("enamel." + e)})
	}
	return list
}
