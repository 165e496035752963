package api

import (
	"context"
	"net/http"

	"habilis/internal/fault"
	"habilis/internal/nomenclature"
)

var errNoNomenclature = fault.New(fault.NotFound, "api.nomenclature_unknown")

type nomenclatureInput struct {
	Caller
	Paged

	Name   string `path:"name" doc:"Its name, short or whole." example:"R38"`
	Search string `query:"q" maxLength:"200" doc:"Beginnings of the words of a label, accents and case ignored."`
}

func (s *Server) aboutNomenclatures(d *door) {
	const path = "/directory/nomenclatures"
	add(d, route{
		id: "listNomenclatures", method: http.MethodGet, path: path, tag: tagDirectory, summary: "National nomenclatures",
		about: "Those that are part of this program: the same for every organisation, without any network.",
	}, s.listNomenclatures)
	add(d, route{
		id: "getNomenclature", method: http.MethodGet, path: path + "/{name}", tag: tagDirectory, summary: "One national nomenclature",
		about:  "Its codes, in the order of the publisher. J106 has the professions, R38 the specialties, R02 the sectors.",
		errors: []int{http.StatusNotFound},
	}, s.getNomenclature)
}

// NomenclatureInfo is what a nomenclature is.
type NomenclatureInfo struct {
	Name    string `json:"name" example:"R38"`
	Title   string `json:"title" doc:"In French, as published." example:"Spécialités ordinales"`
	System  string `json:"system" doc:"Its address; empty for one drawn from several."`
	Version string `json:"version" example:"20260730120000"`
	Size    int    `json:"size" doc:"How many codes it has."`
}

func nomenclatureInfo(v nomenclature.Set) NomenclatureInfo {
	return NomenclatureInfo{Name: v.Name, Title: v.Title, System: v.System, Version: v.Version, Size: len(v.Codes)}
}

// NationalCode is one code of a nomenclature.
type NationalCode struct {
	Code   string `json:"code" example:"SM26"`
	Label  string `json:"label" doc:"In French, as published."`
	System string `json:"system" doc:"Address of the nomenclature that defines it."`
}

// Nomenclature is one page of the codes of a nomenclature.
type Nomenclature struct {
	List[NationalCode]

	Nomenclature NomenclatureInfo `json:"nomenclature"`
}

func (s *Server) listNomenclatures(_ context.Context, in *catalogueInput) (*plainReply[List[NomenclatureInfo]], error) {
	return cut[string, NomenclatureInfo]{
		ring: s.Run.Ring, name: "nomenclatures", page: in.Paged,
		id: func(name string) string { return name },
		document: func(name string) NomenclatureInfo {
			v, _ := nomenclature.Get(name)
			return nomenclatureInfo(v)
		},
	}.of(nomenclature.Names())
}

func (s *Server) getNomenclature(_ context.Context, in *nomenclatureInput) (*plainReply[Nomenclature], error) {
	v, ok := nomenclature.Get(in.Name)
	if !ok {
		return nil, errNoNomenclature
	}
	codes := v.Codes
	if in.Search != "" {
		codes = v.Search(in.Search)
	}
	page, err := cut[nomenclature.Code, NationalCode]{
		ring: s.Run.Ring, name: "nomenclature|" + v.Name + "|" + in.Search, page: in.Paged,
		id:       func(c nomenclature.Code) string { return c.Code },
		document: func(c nomenclature.Code) NationalCode { return NationalCode(c) },
	}.of(codes)
	if err != nil {
		return nil, err
	}
	return replied(Nomenclature{List: page.Body, Nomenclature: nomenclatureInfo(v)}), nil
}
