package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var shots = flag.String("shots", "", "write screenshots to this folder")

// tab is a page in a browser.
type tab struct {
	t         *testing.T
	ctx       context.Context
	url       string
	downloads string

	mu    sync.Mutex
	wrong []string // errors on the console, and requests to other servers
}

// open opens a page in a browser of its own, width pixels wide.
func open(t *testing.T, url string, width int64) *tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no chromium (the name of Debian's package, too)")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // which root cannot have
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, url: url, downloads: t.TempDir()}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.do(call(network.Enable, network.EnableParams{}), call(log.Enable, cdp.Empty{}), chromedp.EmulateViewport(width, 800),
		call(browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: b.downloads}),
		chromedp.Navigate(url))
	return b
}

// call is the action that sends a command of the protocol.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// hear gathers what goes wrong.
func (b *tab) hear(event any) {
	wrong := ""
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u := e.Request.URL; !strings.HasPrefix(u, b.url) && !strings.HasPrefix(u, "blob:"+b.url) && !strings.HasPrefix(u, "data:") {
			wrong = "a request to " + u
		}
	case *runtime.EventExceptionThrown:
		if wrong = "exception: " + e.ExceptionDetails.Text; e.ExceptionDetails.Exception != nil {
			wrong += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		wrong = fmt.Sprintf("console: %s %v", e.Type, e.Args)
	case *log.EventEntryAdded:
		wrong = fmt.Sprintf("log: %s %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL)
	}
	if wrong != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.wrong = append(b.wrong, wrong)
	}
}

// fine fails for what went wrong, but for lines that contain allowed.
func (b *tab) fine(allowed ...string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, line := range b.wrong {
		ok := false
		for _, a := range allowed {
			ok = ok || strings.Contains(line, a)
		}
		if !ok {
			b.t.Error(line)
		}
	}
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// eval returns the value of an expression.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// until waits until an expression is true. The page's policy forbids chromedp.Poll, which
// makes a function of a text.
func (b *tab) until(expression string) {
	b.t.Helper()
	for begun := time.Now(); !eval[bool](b, "Boolean("+expression+")"); time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > time.Minute {
			b.t.Fatalf("not %s; the page says %q", expression, eval[string](b, "document.body.innerText"))
		}
	}
}

// text returns what an element says.
func (b *tab) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf("document.querySelector(%q).textContent", selector))
}

// click clicks an element, which must be there to see, once it stays where it is: a table that
// is still being drawn moves what is below it.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(chromedp.CSS(selector)))
	place := fmt.Sprintf("JSON.stringify(document.querySelector(%q).getBoundingClientRect())", selector)
	for last := ""; ; time.Sleep(50 * time.Millisecond) {
		now := eval[string](b, place)
		if now == last {
			break
		}
		last = now
	}
	b.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// set gives a control a value, as a person who moves it does.
func (b *tab) set(selector, value string) {
	b.t.Helper()
	eval[bool](b, fmt.Sprintf(`(() => {
		const control = document.querySelector(%q);
		control.value = %q;
		control.dispatchEvent(new Event('input', { bubbles: true }));
		control.dispatchEvent(new Event('change', { bubbles: true }));
		return true;
	})()`, selector, value))
}

// drop drops files on the page.
func (b *tab) drop(paths ...string) {
	b.t.Helper()
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: paths, DragOperationsMask: 1}
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		b.do(call(input.DispatchDragEvent, input.DispatchDragEventParams{Type: kind, X: 100, Y: 100, Data: data}))
	}
}

// scored waits until n images have a score.
func (b *tab) scored(n int) {
	b.t.Helper()
	b.until(fmt.Sprintf("document.getElementById('status').textContent === '%d of %d images scored'", n, n))
}

// column returns the cells of a column of the table, from 1.
func (b *tab) column(n int) []string {
	b.t.Helper()
	return eval[[]string](b, fmt.Sprintf("[...document.querySelectorAll('#rows td:nth-child(%d)')].map((td) => td.firstChild?.textContent ?? '')", n))
}

// shot writes a screenshot of what is to see, light and dark, if that is asked for.
func (b *tab) shot(name string, full bool) {
	b.t.Helper()
	if *shots == "" {
		return
	}
	for _, scheme := range []string{"light", "dark"} {
		b.do(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}),
			chromedp.Sleep(200*time.Millisecond))
		take := chromedp.CaptureScreenshot()
		if full {
			take = chromedp.FullScreenshot(100)
		}
		file, err := chromedp.Run(b.ctx, take)
		if err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(*shots, name+"-"+scheme+".png"), file, 0o666); err != nil {
			b.t.Fatal(err)
		}
	}
}
