package batch

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/operation"
	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/progress"
)

// seen is what a browser makes of the gallery.
type seen struct {
	Cards, Pictures, Films, Sounds int // the latter three: loaded, and able to be played
	Broken                         []string
	Names                          []string // accessible ones
	AfterFilter                    int      // cards shown when failures alone are
	Overflow                       bool     // wider than the window
}

// probe is put into a copy of the page. It looks at everything once it has
// loaded, and writes down what it found.
const probe = `<script>
addEventListener("load", async () => {
	const settled = (el, ok) => new Promise((resolve) => {
		const done = () => resolve(ok());
		if (ok()) return done();
		for (const name of ["load", "loadedmetadata", "error"]) el.addEventListener(name, done);
	});
	const found = {Broken: [], Names: []};
	const count = async (name, selector, ok) => {
		found[name] = 0;
		for (const el of document.querySelectorAll(selector)) {
			el.loading = "eager";
			if (await settled(el, () => ok(el))) found[name]++; else found.Broken.push(el.src.slice(0, 200));
			found.Names.push(el.alt || el.getAttribute("aria-label"));
		}
	};
	await count("Pictures", "img", (el) => el.complete && el.naturalWidth > 0);
	await count("Films", "video", (el) => el.readyState > 0 && el.videoWidth > 0 && el.duration > 0);
	await count("Sounds", "audio", (el) => el.readyState > 0 && el.duration > 0);
	const shown = () => [...document.querySelectorAll("article")].filter((el) => el.getClientRects().length > 0).length;
	found.Cards = shown();
	document.querySelector("input[value=failed]").click();
	found.AfterFilter = shown();
	document.querySelector("input[value=all]").click();
	found.Overflow = document.documentElement.scrollWidth > document.documentElement.clientWidth;
	const out = document.createElement("pre");
	out.id = "probe";
	out.textContent = JSON.stringify(found);
	document.body.append(out);
});
</script>`

// TestGalleryInABrowser runs a batch and opens its gallery in Chromium, cut off
// from every network. The screenshot is kept.
func TestGalleryInABrowser(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Millisecond))
	defer srv.Close()
	srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
		if r.Call == modelslabtest.Submit && strings.Contains(string(r.Body), "number 12") {
			return &modelslabtest.Fault{Fail: "CUDA out of memory"}
		}
		return nil
	})
	const hostile = `</h2><script>document.title="taken"</script>" onerror="alert(1)`
	items := pictures(24)
	items[1].Parameters[0].Value = hostile
	for _, i := range []int{4, 14} {
		items[i].Operation, items[i].Parameters = "sfx", []operation.Assignment{{Name: "prompt", Value: "Bell"}}
		items[i+1].Operation = "text2video"
		items[i+1].Parameters = append(items[i+1].Parameters, operation.Assignment{Name: "output_type", Value: "mp4"})
	}
	b, err := New(config(srv, dir), items)
	require.NoError(t, err)
	require.NoError(t, b.Run(t.Context(), t.Context(), progress.NewLines(t.Output(), len(items))))

	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	require.NotRegexp(t, `(?i)(src|href)="(https?:)?//`, string(page), "it needs nothing but the files beside it")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "probe.html"), append(page, probe...), 0o600))

	found := look(t, filepath.Join(dir, "probe.html"))
	require.Empty(t, found.Broken)
	require.Equal(t, 24, found.Cards)
	require.Equal(t, 19, found.Pictures)
	require.Equal(t, 2, found.Films)
	require.Equal(t, 2, found.Sounds)
	require.Equal(t, 1, found.AfterFilter)
	require.False(t, found.Overflow)
	require.NotContains(t, found.Names, "")
	require.Contains(t, found.Names, hostile)

	shot := filepath.Join(t.ArtifactDir(), "gallery.png")
	chromium(t, filepath.Join(dir, "index.html"), "--window-size=1400,1500", "--screenshot="+shot)
	requirePicture(t, shot)
	narrow := filepath.Join(t.ArtifactDir(), "gallery-narrow.png")
	chromium(t, filepath.Join(dir, "index.html"), "--window-size=500,1200", "--force-dark-mode", "--screenshot="+narrow)
	requirePicture(t, narrow)
}

func look(t *testing.T, page string) (found seen) {
	t.Helper()
	dom := chromium(t, page, "--dump-dom", "--virtual-time-budget=20000", "--window-size=1400,1500")
	require.NotContains(t, dom, "<title>taken</title>")
	out := regexp.MustCompile(`<pre id="probe">(.*?)</pre>`).FindStringSubmatch(dom)
	require.NotNil(t, out, "the page did not settle: %.2000s", dom)
	require.NoError(t, json.Unmarshal([]byte(html.UnescapeString(out[1])), &found))
	return found
}

// chromium opens a page without a window and without a network.
func chromium(t *testing.T, page string, args ...string) (out string) {
	t.Helper()
	binary := ""
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
	} {
		if path, err := exec.LookPath(name); err == nil {
			binary = path
			break
		}
	}
	require.NotEmpty(t, binary, "Chromium is not installed: make setup installs it, or names it")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append([]string{
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND", "--user-data-dir=" + t.TempDir(),
	}, append(args, "file://"+page)...)...)
	tie(cmd)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return string(text)
}

// requirePicture checks that a screenshot shows something.
func requirePicture(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	shot, err := png.Decode(f)
	require.NoError(t, err)
	colours := map[string]bool{}
	size := shot.Bounds()
	for x := 0; x < size.Dx(); x += 7 {
		for y := 0; y < size.Dy(); y += 7 {
			colours[fmt.Sprint(shot.At(x, y))] = true
		}
	}
	require.Greater(t, len(colours), 100)
}

func TestGalleryOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	items := pictures(5)
	items[0].State, items[0].Error = Failed, "out of memory"
	items[1].State = Open
	items[2].State, items[2].Files = Done, []string{"gone.png"}
	items[3].State, items[3].Files = Done, []string{"a.glb", "b.glb"}
	require.NoError(t, writeGallery(filepath.Join(dir, "index.html"), items))
	page, err := os.ReadFile(filepath.Join(dir, "index.html"))
	require.NoError(t, err)
	for _, want := range []string{
		"<b>Failed</b>out of memory", "<b>Not yet made</b>not waited for to the end", `<img src="gone.png"`,
		`<a href="a.glb" download>a.glb</a>`, `<li><a href="b.glb">b.glb</a></li>`, `Not yet made <span>2</span>`,
	} {
		require.Contains(t, string(page), want)
	}
	require.Error(t, writeGallery(filepath.Join(dir, "nowhere", "index.html"), items))
}
