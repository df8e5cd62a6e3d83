package serve

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"anomem/describe"
)

// pngClaiming returns a PNG file whose header claims a size, with some bytes of image data.
func pngClaiming(w, h uint32, data []byte) []byte {
	file := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		body := append([]byte(kind), data...)
		file = binary.BigEndian.AppendUint32(file, uint32(len(data)))
		file = binary.BigEndian.AppendUint32(append(file, body...), crc32.ChecksumIEEE(body))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	chunk("IDAT", data)
	chunk("IEND", nil)
	return file
}

// bomb returns a PNG file of a few kB with many more zeros in it than its header claims.
func bomb() []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(make([]byte, 8<<20))
	w.Close()
	return pngClaiming(16, 16, z.Bytes())
}

// hostile is a request that no client sends who means well.
type hostile struct {
	name    string
	method  string // default POST
	path    string // default /v1/score
	headers string // lines, without Content-Length
	body    string
	length  string // Content-Length; default: that of the body
	code    int
}

// inferring returns a request to /infer.
func inferring(name, body string, code int, headers ...string) hostile {
	return hostile{name: name, path: "/v2/models/m/infer", body: body, headers: strings.Join(headers, ""), code: code}
}

// tensorJSON returns the JSON of a request with one input.
func tensorJSON(kind, shape, rest string) string {
	return fmt.Sprintf(`{"inputs":[{"name":"image","datatype":%q,"shape":%s%s}]}`, kind, shape, rest)
}

// parted returns a multipart request with a boundary of b.
func parted(name, body string, code int) hostile {
	return hostile{name: name, headers: "Content-Type: multipart/form-data; boundary=b\r\n", body: body, code: code}
}

const partHead = "--b\r\nContent-Disposition: form-data; name=a; filename=a.png\r\n\r\n"

// hostileImages are bodies that are images, or claim to be.
func hostileImages(good []byte) []hostile {
	frames := append([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"), make([]byte, 6)...)
	for range 10000 {
		frames = append(frames, "\x2c\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02\x44\x01\x00"...)
	}
	jpegs := "\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
	return []hostile{
		{name: "nothing", code: 400},
		{name: "text", body: "hello", code: 415},
		{name: "zeros", body: strings.Repeat("\x00", 1<<16), code: 415},
		{name: "a PNG of 65535×65535", body: string(pngClaiming(65535, 65535, nil)), code: 422},
		{name: "a PNG of 8192×8192", body: string(pngClaiming(8192, 8192, nil)), code: 413},
		{name: "a PNG of 2³²-1 columns", body: string(pngClaiming(math.MaxUint32, 1, nil)), code: 422},
		{name: "a PNG without rows", body: string(pngClaiming(5, 0, nil)), code: 422},
		{name: "a PNG of one pixel too many", body: string(pngClaiming(1<<20+1, 1, nil)), code: 413},
		{name: "a PNG of just as many pixels, without them", body: string(pngClaiming(1<<20, 1, nil)), code: 422},
		{name: "a decompression bomb", body: string(bomb()), code: 422},
		{name: "a JPEG of 65535×65535", body: jpegs, code: 422},
		{name: "half an image", body: string(good[:len(good)/2]), code: 422},
		{name: "an image without its end", body: string(good[:len(good)-13]), code: 422},
		{name: "another image's head", body: "\xff\xd8\xff" + string(good), code: 422},
		{name: "a GIF of 65535×65535", body: "GIF89a\xff\xff\xff\xff\x80\x00\x00", code: 422},
		{name: "a GIF with ten thousand frames", body: string(frames) + ";", code: 200},
		{name: "a ZIP archive", body: "PK\x03\x04" + strings.Repeat("\x00", 100), code: 415},
		{name: "HTML", body: "<!DOCTYPE html><script>alert(1)</script>", code: 415},
		{name: "a body that is longer", body: strings.Repeat("a", 1<<20+1), code: 413},
		{name: "a length beyond all", length: "99999999999", code: 413},
		{name: "a coded body", headers: "Content-Encoding: gzip\r\n", body: "\x1f\x8b\x08\x00", code: 415},
	}
}

// hostilePaths are requests for what there is not.
func hostilePaths() []hostile {
	return []hostile{
		{name: "a path out of the tree", method: "GET", path: "/v2/models/../../../etc/passwd", code: 307},
		{name: "an escaped one", method: "GET", path: "/v2/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd", code: 404},
		{name: "a model with a NUL", method: "GET", path: "/v2/models/m%00", code: 404},
		{name: "a model of no UTF-8", method: "GET", path: "/v2/models/%ff%fe", code: 404},
		{name: "a path of a model's file", path: "/v1/score?model=/etc/passwd", body: "a", code: 404},
		{name: "a long name", path: "/v1/score?model=" + strings.Repeat("a", 30000), body: "a", code: 404},
		{name: "a query of semicolons", path: "/v1/score?a;b", body: "a", code: 400},
		{name: "a heatmap of script", path: "/v1/score?heatmap=%3Cscript%3E", body: "a", code: 400},
		{name: "another method", method: "DELETE", path: "/v1/score", code: 405},
		{name: "a method of its own", method: "FROB", path: "/v2", code: 405},
		{name: "TRACE", method: "TRACE", path: "/", code: 404},
		{name: "an infinite version", method: "GET", path: "/v2/models/m/versions/1e999", code: 404},
	}
}

// hostileParts are bodies that claim to be multipart/form-data.
func hostileParts(good string) []hostile {
	tail := "\r\n--b--\r\n"
	return []hostile{
		parted("no part", "--b--\r\n", 400),
		parted("another boundary", "--c\r\n\r\n", 400),
		parted("nothing at all", "", 400),
		parted("a head without end", "--b\r\nContent-Disposition: form-data; name=a", 400),
		parted("a head of no header", "--b\r\nrubbish\r\n\r\n"+good+tail, 400),
		parted("a head of many headers", "--b\r\n"+strings.Repeat("A: b\r\n", 20000)+"\r\n"+good+tail, 400),
		parted("an empty part", partHead+tail, 400),
		parted("a part that is no image", partHead+"text"+tail, 415),
		parted("a part that is cut off", partHead+good, 400),
		parted("a bad part behind a good one", partHead+good+"\r\n"+partHead+good[:50]+tail, 422),
		parted("a part within a part", "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\n\r\n"+good+"\r\n--c--"+tail, 415),
		parted("more parts than are taken", strings.Repeat(partHead+good+"\r\n", 41)+"--b--\r\n", 413),
		parted("as many empty parts as fit", strings.Repeat("--b\r\n\r\n\r\n", 9000)+"--b--\r\n", 400),
		parted("a name with folders", "--b\r\nContent-Disposition: form-data; name=a; filename=\"../../etc/passwd\"\r\n\r\n"+good+tail, 200),
		parted("a name with an escape", "--b\r\nContent-Disposition: form-data; name=a; filename=\"a\x1b[2Jb\"\r\n\r\n"+good+tail, 400),
		{name: "no boundary", headers: "Content-Type: multipart/form-data\r\n", body: "--b", code: 415},
		{name: "a boundary that is too long", headers: "Content-Type: multipart/form-data; boundary=" + strings.Repeat("b", 3000) + "\r\n", body: "--b", code: 400},
		{name: "another kind of parts", headers: "Content-Type: multipart/byteranges; boundary=b\r\n", body: "--b--", code: 415},
	}
}

// hostileTensors are bodies that claim to be of the Open Inference Protocol.
func hostileTensors(good []byte) []hostile {
	file := fmt.Sprintf(`,"data":[%q]`, base64.StdEncoding.EncodeToString(good))
	sized := func(n string) string { return `,"parameters":{"binary_data_size":` + n + `}` }
	header := func(n any) string { return fmt.Sprintf("%s: %v\r\n", headerLength, n) }
	one := tensorJSON("BYTES", "[1]", sized("8"))
	return []hostile{
		inferring("no JSON", "{", 400),
		inferring("nothing", "", 400),
		inferring("JSON and more", tensorJSON("BYTES", "[1]", file)+"{}", 400),
		inferring("a number", "1", 400),
		inferring("null", "null", 400),
		inferring("deep JSON", strings.Repeat("[", 500000), 400),
		inferring("deep data", tensorJSON("UINT8", "[1,1,1,3]", `,"data":`+strings.Repeat("[", 9000)+strings.Repeat("]", 9000)), 400),
		inferring("NaN", tensorJSON("UINT8", "[1,1,1,3]", `,"data":[NaN,0,0]`), 400),
		inferring("an infinite number", tensorJSON("UINT8", "[1,1,1,3]", `,"data":[1e999,0,0]`), 400),
		inferring("a number above a byte", tensorJSON("UINT8", "[1,1,1,3]", `,"data":[256,0,0]`), 400),
		inferring("a number below 0", tensorJSON("UINT8", "[1,1,1,3]", `,"data":[-1,0,0]`), 400),
		inferring("a fraction", tensorJSON("UINT8", "[1,1,1,3]", `,"data":[0.5,0,0]`), 400),
		inferring("a long number", tensorJSON("UINT8", "[1,1,1,3]", `,"data":[`+strings.Repeat("1", 100000)+`]`), 400),
		inferring("too few numbers", tensorJSON("UINT8", "[1,1,1,3]", `,"data":[0,0]`), 400),
		inferring("too many numbers", tensorJSON("UINT8", "[1,1,1,3]", `,"data":[0,0,0,0]`), 400),
		inferring("texts for numbers", tensorJSON("UINT8", "[1,1,1,3]", `,"data":["a"]`), 400),
		inferring("floats", tensorJSON("FP32", "[1,1,1,3]", `,"data":[0,0,0]`), 400),
		inferring("a shape that overflows", tensorJSON("UINT8", "[1,4294967296,4294967296,3]", `,"data":[]`), 413),
		inferring("a shape at the end of int64", tensorJSON("UINT8", "[1,9223372036854775807,9223372036854775807,3]", `,"data":[]`), 413),
		inferring("a shape beyond int64", tensorJSON("UINT8", "[9223372036854775808,1,1,3]", `,"data":[]`), 400),
		inferring("a negative shape", tensorJSON("UINT8", "[1,-1,-1,3]", `,"data":[0,0,0]`), 400),
		inferring("no image", tensorJSON("BYTES", "[0]", `,"data":[]`), 400),
		inferring("too many images", tensorJSON("BYTES", "[41]", `,"data":[]`), 413),
		inferring("a shape without a side", tensorJSON("BYTES", "[]", file), 400),
		inferring("more images than the shape", tensorJSON("BYTES", "[1]", `,"data":["",""]`), 400),
		inferring("no base64", tensorJSON("BYTES", "[1]", `,"data":["%%%"]`), 400),
		inferring("an image that is none", tensorJSON("BYTES", "[1]", `,"data":["aGVsbG8="]`), 415),
		inferring("no data", tensorJSON("BYTES", "[1]", ""), 400),
		inferring("data twice", tensorJSON("BYTES", "[1]", file+sized("0")), 400),
		inferring("two inputs", `{"inputs":[{"name":"image"},{"name":"image"}]}`, 400),
		inferring("another input", `{"inputs":[{"name":"x","datatype":"BYTES","shape":[1]}]}`, 400),
		inferring("an unknown output", strings.TrimSuffix(tensorJSON("BYTES", "[1]", file), "}")+`,"outputs":[{"name":"x"}]}`, 400),
		inferring("an output twice", strings.TrimSuffix(tensorJSON("BYTES", "[1]", file), "}")+`,"outputs":[{"name":"score"},{"name":"score"}]}`, 400),
		inferring("shared memory", tensorJSON("BYTES", "[1]", `,"parameters":{"shared_memory_region":"r"}`), 400),
		inferring("a header's length of no number", one, 400, header("x")),
		inferring("a negative length", one, 400, header(-1)),
		inferring("a length beyond the body", one, 400, header(len(one)+1)),
		inferring("a length beyond int64", one, 400, header("99999999999999999999")),
		inferring("a length within the JSON", one, 400, header(5)),
		inferring("a tensor beyond the body", one, 400, header(len(one))),
		inferring("a negative size", tensorJSON("BYTES", "[1]", sized("-8")), 400, header(len(tensorJSON("BYTES", "[1]", sized("-8"))))),
		inferring("bytes that nothing says", tensorJSON("BYTES", "[1]", file)+"12345678", 400, header(len(tensorJSON("BYTES", "[1]", file)))),
		inferring("an element beyond the tensor", one+"\xff\xff\xff\xff1234", 400, header(len(one))),
		inferring("an element cut off", tensorJSON("BYTES", "[1]", sized("3"))+"\x01\x00\x00", 400, header(len(tensorJSON("BYTES", "[1]", sized("3"))))),
		inferring("pixels for another shape", tensorJSON("UINT8", "[1,2,2,3]", sized("3"))+"abc", 400, header(len(tensorJSON("UINT8", "[1,2,2,3]", sized("3"))))),
	}
}

// send writes a request to a server and returns the answer.
func (h *hostile) send(t *testing.T, address string) *http.Response {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	method, path, length := h.method, h.path, h.length
	if method == "" {
		method = "POST"
	}
	if path == "" {
		path = "/v1/score"
	}
	if length == "" {
		length = fmt.Sprint(len(h.body))
	}
	fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %s\r\n%s\r\n%s", method, path, length, h.headers, h.body)
	w, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		t.Errorf("%s: no answer: %v", h.name, err)
		return nil
	}
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Errorf("%s: half an answer: %v", h.name, err)
	}
	w.Body = io.NopCloser(bytes.NewReader(body))
	return w
}

// Each hostile request gets a clear answer, and the server scores rightly after it.
func TestHostileRequests(t *testing.T) {
	s, m := newServer(t, Options{})
	server := httptest.NewServer(s)
	defer server.Close()
	address := server.Listener.Addr().String()
	img, good := picture(t, 0)
	var want bytes.Buffer
	if err := describe.Scored("-", m.Score(img)).WriteJSON(&want); err != nil {
		t.Fatal(err)
	}
	all := append(hostileImages(good), hostilePaths()...)
	all = append(append(all, hostileParts(string(good))...), hostileTensors(good)...)
	if len(all) < 90 {
		t.Errorf("%d requests", len(all))
	}
	for _, h := range all {
		w := h.send(t, address)
		if w == nil {
			continue
		}
		body, _ := io.ReadAll(w.Body)
		if w.StatusCode != h.code {
			t.Errorf("%s: status %d, want %d: %.200s", h.name, w.StatusCode, h.code, body)
		}
		if h.code >= 400 && h.method != "HEAD" && !strings.HasPrefix(string(body), `{"error":"`) {
			t.Errorf("%s: answer %.200q", h.name, body)
		}
		for _, secret := range []string{"root:", "goroutine", "/tmp/", ".go:"} {
			if strings.Contains(string(body), secret) {
				t.Errorf("%s: the answer tells %q: %.300s", h.name, secret, body)
			}
		}
		if w := ask(s, "POST", "/v1/score", good); w.Body.String() != want.String() {
			t.Errorf("after %s: status %d, %s", h.name, w.Code, w.Body)
		}
	}
}

// What a request only claims takes no memory.
func TestClaimsTakeNoMemory(t *testing.T) {
	l := DefaultLimits()
	s, _ := newServer(t, Options{Limits: l})
	for _, h := range []hostile{
		{name: "a PNG of 134 million pixels", body: string(pngClaiming(1<<14, 1<<13, nil)), code: 413},
		{name: "a GIF of 65535×65535", body: "GIF89a\xff\xff\xff\xff\x80\x00\x00", code: 422},
		{name: "a length of 32 MiB", body: "GIF89a", length: fmt.Sprint(l.Body), code: 422},
		{name: "a length of 33 MiB", body: "", length: fmt.Sprint(l.Body + 1<<20), code: 413},
		inferring("a tensor of 40 million pixels", tensorJSON("UINT8", "[1,40000,1000,3]", `,"data":[0]`), 400),
		inferring("64 tensors of 40 million pixels", tensorJSON("UINT8", "[64,40000,1000,3]", `,"data":[0]`), 400),
	} {
		path := h.path
		if path == "" {
			path = "/v1/score"
		}
		r := httptest.NewRequest("POST", path, strings.NewReader(h.body))
		if h.length != "" {
			fmt.Sscan(h.length, &r.ContentLength)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; w.Code != h.code || took > 512<<10 {
			t.Errorf("%s: status %d, want %d, and %d bytes: %s", h.name, w.Code, h.code, took, w.Body)
		}
	}
}

// A client that sends its body slowly, or stops, is told so in time; others are not held up.
func TestSlowBodies(t *testing.T) {
	l := testLimits()
	l.BodyTime = 50 * time.Millisecond
	s, _ := newServer(t, Options{Limits: l})
	server := httptest.NewServer(s)
	defer server.Close()
	_, good := picture(t, 0)
	for name, send := range map[string]string{
		"an image":    "POST /v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
		"chunks":      "POST /v1/score HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
		"a part":      "POST /v1/score HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n" + partHead,
		"a tensor":    "POST /v2/models/m/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{",
		"no tail":     fmt.Sprintf("POST /v1/score HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 90000\r\n\r\n%s%s\r\n--b--\r\n", partHead, good),
		"no body yet": "POST /v1/score HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n",
	} {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(c, send)
		in := bufio.NewReader(c)
		w, err := http.ReadResponse(in, nil)
		if err == nil && w.StatusCode == http.StatusContinue {
			w, err = http.ReadResponse(in, nil)
		}
		if err != nil || w.StatusCode != http.StatusRequestTimeout {
			t.Errorf("%s: %v, %v", name, w, err)
		}
		c.Close()
		if w := ask(s, "POST", "/v1/score", good); w.Code != http.StatusOK {
			t.Errorf("after %s: status %d", name, w.Code)
		}
	}
}

// The time to send an answer is over before the next request on the same connection, and does
// not count for that.
func TestSendTimeIsOfOneAnswer(t *testing.T) {
	l := testLimits()
	l.SendTime = 30 * time.Millisecond
	s, _ := newServer(t, Options{Limits: l, Root: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "root") })})
	server := httptest.NewServer(s)
	defer server.Close()
	for _, path := range []string{"/v2", "/metrics", "/v2", "/page", "/openapi.json", "/v2//"} {
		w, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if _, err := io.Copy(io.Discard, w.Body); err != nil || w.StatusCode >= 400 {
			t.Errorf("%s: status %d, %v", path, w.StatusCode, err)
		}
		w.Body.Close()
		time.Sleep(2 * l.SendTime)
	}
}

// An image that waits for longer than a body may take is answered all the same.
func TestSlowScores(t *testing.T) {
	l := testLimits()
	l.BodyTime = 20 * time.Millisecond
	s, _ := newServer(t, Options{Limits: l})
	server := httptest.NewServer(s)
	defer server.Close()
	_, good := picture(t, 0)
	body, kind := form(t, []string{"a", "b"}, [][]byte{good, good})
	for _, send := range []struct {
		kind string
		body []byte
	}{{"image/png", good}, {kind, body}} {
		s.images.try(l.images())
		time.AfterFunc(100*time.Millisecond, func() { s.images.put(l.images()) })
		w, err := http.Post(server.URL+"/v1/score", send.kind, bytes.NewReader(send.body))
		if err != nil {
			t.Fatal(err)
		}
		if text, _ := io.ReadAll(w.Body); w.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d, %s", send.kind, w.StatusCode, text)
		}
		w.Body.Close()
	}
}
