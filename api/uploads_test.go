package api_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"unigrid/api"
	"unigrid/grids"
	"unigrid/importers"
)

// tus are the headers of a request of tus.
func tus(more ...string) []string { return append([]string{"Tus-Resumable", "1.0.0"}, more...) }

func fileMeta(name string) string {
	return "filename " + base64.StdEncoding.EncodeToString([]byte(name))
}

// begin begins an upload and gives its address.
func (s *site) begin(base, name string, size int) string {
	s.t.Helper()
	a := s.send(http.MethodPost, base+"/v1/uploads/", "", tus("Upload-Length", strconv.Itoa(size), "Upload-Metadata", fileMeta(name))...)
	if a.status != 201 || a.header.Get("Location") == "" || a.header.Get("Upload-Expires") == "" {
		s.t.Fatalf("%d %s %s", a.status, a.header, a.body)
	}
	return a.header.Get("Location")
}

// add sends the next bytes of an upload.
func (s *site) add(place string, offset int, content []byte) answer {
	s.t.Helper()
	return s.send(http.MethodPatch, place, string(content), tus("Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream")...)
}

// offset asks how much of an upload is there.
func (s *site) offset(place string) int {
	s.t.Helper()
	a := s.send(http.MethodHead, place, "", tus()...)
	n, err := strconv.Atoi(a.header.Get("Upload-Offset"))
	if a.status != 200 || err != nil || a.header.Get("Cache-Control") != "no-store" {
		s.t.Fatalf("%d %s", a.status, a.header)
	}
	return n
}

// upload uploads a file whole and gives its name.
func (s *site) upload(base, name string, content []byte) string {
	s.t.Helper()
	place := s.begin(base, name, len(content))
	if a := s.add(place, 0, content); a.status != 204 {
		s.t.Fatalf("%d %s", a.status, a.body)
	}
	return path.Base(place)
}

// cut sends the head of a PATCH of the whole file and only some of its bytes,
// and then breaks the connection.
func (s *site) cut(place string, content []byte, sent int) {
	s.t.Helper()
	host := strings.TrimPrefix(s.server.URL, "http://")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		s.t.Fatal(err)
	}
	fmt.Fprintf(conn, "PATCH %s HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: %d\r\n\r\n",
		strings.TrimPrefix(place, s.server.URL), host, s.cookie, len(content))
	if _, err := conn.Write(content[:sent]); err != nil {
		s.t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		s.t.Fatal(err)
	}
}

func TestUploadIsResumed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.draft("4302", "示例市", 113, 27.5, 1)
	content := make([]byte, maxUpload)
	rand.Read(content)
	for _, base := range []string{"", "/t/430200000000"} {
		place := s.begin(base, "企业名单.XLSX", len(content))
		if want := s.server.URL + base + "/v1/uploads/"; !strings.HasPrefix(place, want) || !strings.HasSuffix(place, ".xlsx") {
			t.Errorf("%s is not below %s", place, want)
		}
		s.cut(place, content, len(content)/2)
		// asking for the offset would end a request that is still being read
		arrived := int64(0)
		for deadline := time.Now().Add(2 * time.Minute); arrived < int64(len(content)/2) && time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
			if info, err := os.Stat(filepath.Join(s.folder, path.Base(place))); err == nil {
				arrived = info.Size()
			}
		}
		there := s.offset(place)
		if there != len(content)/2 {
			t.Fatalf("%d bytes of the first half are there", there)
		}
		if a := s.add(place, 5, content[5:]); a.status != 409 || !strings.Contains(string(a.body), "HEAD") {
			t.Errorf("wrong offset: %d %s", a.status, a.body)
		}
		if a := s.add(place, there, append(content[there:len(content):len(content)], 'x')); a.status != 413 {
			t.Errorf("more than was said: %d %s", a.status, a.body)
		}
		unfinished := s.send(http.MethodPost, base+"/v1/imports", fmt.Sprintf(`{"upload":%q,"target":"enterprises"}`, path.Base(place)))
		if unfinished.status != 409 && unfinished.status != 503 {
			t.Errorf("unfinished: %d %s", unfinished.status, unfinished.body)
		}
		if a := s.add(place, there, content[there:]); a.status != 204 || a.header.Get("Upload-Offset") != strconv.Itoa(len(content)) || a.header.Get("Upload-Expires") == "" {
			t.Fatalf("%d %s %s", a.status, a.header, a.body)
		}
		kept, err := os.ReadFile(filepath.Join(s.folder, path.Base(place)))
		if err != nil || !bytes.Equal(kept, content) {
			t.Errorf("%d bytes kept, %v", len(kept), err)
		}
		if a := s.send(http.MethodDelete, place, "", tus()...); a.status != 204 {
			t.Errorf("%d %s", a.status, a.body)
		}
		if a := s.send(http.MethodHead, place, "", tus()...); a.status != 404 {
			t.Errorf("after the end: %d", a.status)
		}
		if left, err := os.ReadDir(s.folder); err != nil || len(left) != 0 {
			t.Errorf("left %v, %v", left, err)
		}
	}
}

// A file's name is data: nothing is ever written outside the folder.
func TestUploadNamesAreNoPaths(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.draft("4302", "示例市", 113, 27.5, 1)
	for _, name := range []string{"../../etc/passwd", `..\..\x.shp`, "/tmp/evil.csv", "a\x00b.csv", "名单\u202e.csv", strings.Repeat("长", 300) + ".csv", "x.csv/../../y", "x.a/b"} {
		made := s.upload("", name, []byte("x"))
		entries, err := os.ReadDir(filepath.Dir(s.folder))
		if err != nil || len(entries) != 1 {
			t.Errorf("%q: %v %v", name, entries, err)
		}
		info, err := os.ReadFile(filepath.Join(s.folder, made+".info"))
		if err != nil || strings.Contains(string(info), "..") || strings.Contains(string(info), "evil.csv\\") {
			t.Errorf("%q: %s %v", name, info, err)
		}
	}
	if a := s.get("/v1/uploads/" + "..%2f..%2fetc%2fpasswd"); a.status < 400 {
		t.Errorf("%d", a.status)
	}
	for _, method := range []string{http.MethodHead, http.MethodPatch, http.MethodDelete} {
		for _, place := range []string{"..%2f..%2fetc%2fpasswd", "%2e%2e", "x", strings.Repeat("0", 32) + ".info.info", strings.Repeat("0", 31)} {
			a := s.send(method, "/v1/uploads/"+place, "", tus("Upload-Offset", "0", "Content-Type", "application/offset+octet-stream")...)
			if a.status != 400 && a.status != 404 && a.status != 405 {
				t.Errorf("%s %s: %d %s", method, place, a.status, a.body)
			}
		}
	}
}

func TestUploadsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.draft("4302", "示例市", 113, 27.5, 1)
	s.draft("4303", "邻市", 114, 27.5, 1)
	place := s.begin("/t/430200000000", "a.csv", 3)
	foreign := strings.Replace(place, "430200000000", "430300000000", 1)
	for name, one := range map[string]struct {
		method, path string
		headers      []string
		status       int
		says         string
	}{
		"too large":         {http.MethodPost, "/v1/uploads/", tus("Upload-Length", strconv.Itoa(maxUpload+1), "Upload-Metadata", fileMeta("a.csv")), 413, "1 MiB"},
		"empty":             {http.MethodPost, "/v1/uploads/", tus("Upload-Length", "0", "Upload-Metadata", fileMeta("a.csv")), 400, "empty"},
		"no name":           {http.MethodPost, "/v1/uploads/", tus("Upload-Length", "3"), 400, "filename"},
		"no length":         {http.MethodPost, "/v1/uploads/", tus("Upload-Metadata", fileMeta("a.csv")), 400, "Upload-Length"},
		"negative length":   {http.MethodPost, "/v1/uploads/", tus("Upload-Length", "-5", "Upload-Metadata", fileMeta("a.csv")), 400, "Upload-Length"},
		"no version":        {http.MethodPost, "/v1/uploads/", []string{"Upload-Length", "3", "Upload-Metadata", fileMeta("a.csv")}, 412, "Tus-Resumable"},
		"no territory":      {http.MethodPost, "/t/999900000000/v1/uploads/", tus("Upload-Length", "3", "Upload-Metadata", fileMeta("a.csv")), 404, "territory"},
		"unknown parameter": {http.MethodPost, "/v1/uploads/?x=1", tus("Upload-Length", "3", "Upload-Metadata", fileMeta("a.csv")), 400, "x"},
		"foreign head":      {http.MethodHead, foreign, tus(), 404, ""},
		"foreign patch":     {http.MethodPatch, foreign, tus("Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"), 404, "no upload"},
		"foreign delete":    {http.MethodDelete, foreign, tus(), 404, "no upload"},
		"unknown":           {http.MethodPatch, "/v1/uploads/" + strings.Repeat("0", 32), tus("Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"), 404, "no upload"},
		"not bytes":         {http.MethodPatch, place, tus("Upload-Offset", "0", "Content-Type", "text/plain"), 400, ""},
		"other site":        {http.MethodPost, "/v1/uploads/", tus("Upload-Length", "3", "Upload-Metadata", fileMeta("a.csv"), "Origin", "http://evil.example"), 403, "another site"},
		"other site's page": {http.MethodPost, "/v1/imports", []string{"Sec-Fetch-Site", "cross-site"}, 403, "another site"},
	} {
		a := s.send(one.method, one.path, "", one.headers...)
		if a.status != one.status || !strings.Contains(string(a.body), one.says) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if one.method != http.MethodHead && !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") {
			t.Errorf("%s: %s", name, a.header)
		}
		if a.header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %s", name, a.header)
		}
	}
	if zh := s.send(http.MethodPost, "/v1/uploads/", "", tus("Upload-Length", "99999999", "Upload-Metadata", fileMeta("a.csv"), "Accept-Language", "zh-CN")...); !strings.Contains(string(zh.body), "文件超过上限 1 MiB") {
		t.Errorf("%s", zh.body)
	}
	options := s.send(http.MethodOptions, "/v1/uploads/", "")
	if options.status != 200 || options.header.Get("Tus-Extension") != "creation,creation-with-upload,termination,expiration" || options.header.Get("Tus-Max-Size") != strconv.Itoa(maxUpload) {
		t.Errorf("%d %s", options.status, options.header)
	}
	// a body over the limit of all other bodies passes; here that would be 413
	if a := s.add(s.begin("", "b.csv", 3), 0, []byte("abc")); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// Files larger than other bodies may be pass.
func TestUploadOfManyBytes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.draft("4302", "示例市", 113, 27.5, 1)
	folder := filepath.Join(t.TempDir(), "large")
	handler, err := api.New(s.db, api.Options{Uploads: folder, Log: slog.New(slog.NewJSONHandler(s.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	s.server.Config.Handler = handler
	const size = 24 << 20
	place := s.begin("", "a.zip", size)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, place, io.LimitReader(rand.Reader, size))
	if err != nil {
		t.Fatal(err)
	}
	for i, h := 0, tus("Upload-Offset", "0", "Content-Type", "application/offset+octet-stream"); i < len(h); i += 2 {
		request.Header.Set(h[i], h[i+1])
	}
	request.Header.Set("Cookie", s.cookie)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if info, err := os.Stat(filepath.Join(folder, path.Base(place))); response.StatusCode != 204 || err != nil || info.Size() != size {
		t.Errorf("%d %v %v", response.StatusCode, info, err)
	}
}

func TestUploadsExpire(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	l := s.draft("4302", "示例市", 113, 27.5, 1)
	long := s.begin("", "long.csv", 5)
	old, fresh, used := s.upload("", "old.csv", []byte("x")), s.upload("", "fresh.csv", []byte("x")), s.upload("", "used.csv", []byte("x"))
	unfinished := path.Base(s.begin("", "unfinished.csv", 5))
	s.exec(`INSERT INTO staging.batch (territory_id, id, target, file, created_by, upload, epsg, encoding)
		VALUES ($1, 1, 'enterprises', 'used.csv', 'test', $2, 0, '')`, l.id, used)
	past := time.Now().Add(-50 * time.Hour)
	for _, name := range []string{old, old + ".info", used, used + ".info", unfinished, unfinished + ".info"} {
		if err := os.Chtimes(filepath.Join(s.folder, name), past, past); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(filepath.Join(s.folder, path.Base(long)+".info"), past, past); err != nil {
		t.Fatal(err)
	}
	s.add(long, 0, []byte("ab")) // two days after it was begun
	expire := func(want int) {
		t.Helper()
		if n, err := importers.Expire(t.Context(), s.db, grids.Local, s.folder, time.Now()); n != want || err != nil {
			t.Errorf("%d removed, %v; want %d", n, err, want)
		}
	}
	expire(0) // imports

	for name, there := range map[string]bool{old: false, unfinished: false, fresh: true, used: true} {
		if _, err := os.Stat(filepath.Join(s.folder, name)); (err == nil) != there {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a := s.add(long, 2, []byte("cde")); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := s.send(http.MethodDelete, "/v1/uploads/"+fresh, "", tus()...); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
