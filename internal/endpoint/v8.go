package endpoint

// The v8 operations. No document of the vendor describes them.
var (
	V8TextToImage       = described(Programs, "V8TextToImage", "v8/images", "/v8/images/text-to-image", fields{"model_id", "prompt"})
	V8ImageToImage      = described(Programs, "V8ImageToImage", "v8/images", "/v8/images/image-to-image", fields{"model_id", "init_image", "prompt"})
	V8BackgroundRemoval = described(Programs, "V8BackgroundRemoval", "v8/images", "/v8/images/background-removal", fields{"model_id", "image_url"})
)
