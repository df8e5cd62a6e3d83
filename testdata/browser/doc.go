// Package browser tries the page of package serve in Chromium, as a person uses it, and a page of
// results of package protocol. It is a module of its own, so that the product does not depend on
// what drives the browser.
package browser
