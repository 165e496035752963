package event

import (
	"strings"
	"time"
)

// Document is an event as other systems read it: CloudEvents 1.0, in JSON.
type Document struct {
	SpecVersion string    `json:"specversion"`
	ID          string    `json:"id"`
	Source      string    `json:"source"`
	Type        Kind      `json:"type"`
	Subject     string    `json:"subject,omitempty"`
	Time        time.Time `json:"time"`
	ContentType string    `json:"datacontenttype"`
	Data        Data      `json:"data"`
}

// Data is what an event tells: identifiers. Of two events of one subject the later one has
// the higher version.
type Data struct {
	Organization string `json:"organization"`
	Member       string `json:"member,omitempty"`
	Object       string `json:"object,omitempty"`
	Site         string `json:"site,omitempty"`
	Version      int64  `json:"version"`
}

const specVersion, jsonType = "1.0", "application/json"

// memberPrefix is how the identifiers of members begin.
const memberPrefix = "mbr_"

// Document writes the event; source is the address of its organisation in the API.
func (e Event) Document(source string) Document {
	d := Document{
		SpecVersion: specVersion, ID: e.ID.String(), Source: source, Type: e.Kind, Subject: e.Subject, Time: e.At.UTC(),
		ContentType: jsonType,
		Data:        Data{Organization: e.Org.String(), Object: e.Object, Site: e.Site.String(), Version: e.Position},
	}
	if strings.HasPrefix(e.Subject, memberPrefix) {
		d.Data.Member = e.Subject
	}
	return d
}
