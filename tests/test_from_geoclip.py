"""GeoCLIP as a model file: the file answers as `GeoCLIP.predict` does, on a CLIP of two small layers."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image, ImageOps

torch = pytest.importorskip("torch", reason="torch is not installed: pip install 'geovision-geotag[export]'")
pytest.importorskip("geoclip", reason="GeoCLIP is not installed: pip install 'geovision-geotag[geoclip]'")

from geoclip.model import image_encoder  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from transformers import CLIPConfig  # noqa: E402

from export import backbone, from_geoclip, gallery, parity  # noqa: E402
from geotag import geo, predict, score  # noqa: E402
from geotag.cli import main  # noqa: E402
from geotag.decode import decode  # noqa: E402
from geotag.models import onnxfile  # noqa: E402
from tests.pictures import photograph, quarters, ramp, saved  # noqa: E402

torch.set_num_threads(1)

PLACES = 400
TEXT = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
SIGHT = {"hidden_size": 64, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 2}
SEED = 3

pytestmark = pytest.mark.filterwarnings("ignore")


def small(**stated: Any) -> CLIPConfig:
    """The configuration of a CLIP that is quick, whatever was asked for."""
    return CLIPConfig(
        projection_dim=768,
        text_config=TEXT | {"projection_dim": 768, "vocab_size": 64, "bos_token_id": 0, "eos_token_id": 2},
        vision_config=SIGHT | {"patch_size": 28, "projection_dim": 768, "initializer_factor": 2.0},
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """`geoclip.onnx` and `half.onnx`, made by the command from a CLIP and a gallery in little."""
    made = tmp_path_factory.mktemp("geoclip")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image_encoder, "CLIPConfig", small)
        whole = backbone.load

        def load(name: str | None, seed: int | None) -> Any:
            model = whole(name, seed)
            model.gps_gallery = model.gps_gallery[:PLACES]
            return model

        patch.setattr(backbone, "load", load)
        for name, more in (("geoclip", []), ("half", ["--half"])):
            target = str(made / f"{name}.onnx")
            patch.setattr(sys, "argv", ["from_geoclip", target, "--random-backbone", str(SEED), *more])
            from_geoclip.main()
        yield made


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return backbone.load(None, SEED)


PICTURES = {
    "portrait": saved(photograph(301, 420), "JPEG", quality=90),
    "landscape": saved(photograph(640, 427), "JPEG", quality=90),
    "grey": saved(photograph(333, 250).convert("L"), "PNG"),
    "palette": saved(photograph(260, 300).convert("P"), "PNG"),
    "tiny": saved(photograph(7, 5), "PNG"),
    "banner": saved(quarters(1200, 300), "PNG"),
    "smooth": saved(photograph(500, 500), "WEBP"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_prepared_as_geoclip_does(model: Any, folder: Path, name: str) -> None:
    with Image.open(io.BytesIO(PICTURES[name])) as image:
        wanted = _prepared(model, image.convert("RGB"))
    assert np.array_equal(decode(PICTURES[name], _card(folder).recipe), wanted)


def test_pictures_that_geoclip_misreads_are_prepared_as_the_tool_does(model: Any, folder: Path) -> None:
    recipe = _card(folder).recipe
    turned = Image.Exif()
    turned[0x0112] = 6
    lying = saved(photograph(500, 336), "JPEG", exif=turned)
    with Image.open(io.BytesIO(lying)) as image:
        upright = _prepared(model, ImageOps.exif_transpose(image))
    assert np.abs(decode(lying, recipe).astype(int) - upright).max() <= 2
    clear = quarters(320, 320)
    clear.putalpha(0)
    assert np.all(decode(saved(clear, "PNG"), recipe) == 255)
    deep = saved(Image.fromarray((ramp(300, 300) * 65535).astype(np.uint16)), "PNG")
    grey = Image.fromarray((ramp(300, 300) * 255).astype(np.uint8)).convert("RGB")
    assert np.abs(decode(deep, recipe).astype(int) - _prepared(model, grey)).max() <= 2


def _prepared(model: Any, image: Image.Image) -> np.ndarray:
    """GeoCLIP's pixels, its normalisation taken back: uint8 [224, 224, 3]."""
    how = model.image_encoder.image_processor
    pixels = model.image_encoder.preprocess_image(image)[0].permute(1, 2, 0).numpy()
    return np.asarray(np.round((pixels * how.image_std + how.image_mean) * 255).astype(int))


@pytest.mark.parametrize(("name", "close"), [("geoclip", 1e-5), ("half", 2e-3)])
def test_the_file_says_what_geoclip_says(model: Any, folder: Path, name: str, close: float) -> None:
    pictures = list(PICTURES.values())
    with torch.no_grad():
        said = parity.of_geoclip(model, pictures)
    by = parity.of_file(folder / f"{name}.onnx", model.gps_gallery.numpy(), pictures)
    found = parity.match(said, by, float(model.logit_scale.exp()))
    assert found.distinct > 1
    assert found.same >= len(pictures) - (name == "half")
    assert max(found.chance, found.cosine) < close


def test_the_answer_is_the_first_of_the_cells(model: Any, folder: Path) -> None:
    loaded = predict.load(str(folder / "geoclip.onnx"), device="cpu", threads=1)
    batch = np.stack([decode(picture, loaded.card.recipe) for picture in PICTURES.values()])
    names = ["coordinates", "error_km", "cells", "embedding"]
    answers, km, cells, vectors = loaded.session.run(names, {"image": batch})
    places = model.gps_gallery.numpy()
    assert np.allclose(answers, places[cells.argmax(axis=1)])
    assert np.allclose(cells.sum(axis=1), 1, atol=1e-5)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors.shape == (len(PICTURES), 512)
    held = [
        chances[geo.distance_km(*answer, *places.T) <= radius * 1.001].sum()
        for answer, radius, chances in zip(answers, km, cells, strict=True)
    ]
    assert min(held) >= gallery.INSIDE / gallery.KNOWN - 1e-4
    assert len({(found.location, found.error_km) for found in loaded.predict(batch) if found}) > 1


def test_the_gallery_is_in_the_file_and_its_encoder_is_not(folder: Path) -> None:
    content = (folder / "geoclip.onnx").read_bytes()
    assert b"location_encoder" not in content
    assert b"LocEnc" not in content
    assert len(content) > 4 * PLACES * 512
    onnxfile.check(str(folder / "geoclip.onnx"))
    half = (folder / "half.onnx").stat().st_size
    assert half < len(content) - 1.9 * sum(value.numel() for value in _sight().parameters())


def _sight() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(image_encoder, "CLIPConfig", small)
        return from_geoclip.Sight(backbone.load(None, SEED).image_encoder.CLIP)


def _card(folder: Path, name: str = "geoclip") -> predict.Card:
    return predict.load(str(folder / f"{name}.onnx"), device="cpu", threads=1).card


def test_the_card_says_what_it_is(folder: Path) -> None:
    card = _card(folder)
    assert (card.name, card.licence) == ("GeoCLIP-by-chance", "MIT")
    assert "the answers mean nothing" in card.training_data
    assert "not calibrated" in card.calibration
    assert card.metrics == {"weights": "float32"}
    assert _card(folder, "half").metrics["weights"].startswith("float16")
    stated = from_geoclip.texts(torch.zeros(1, 2), (224, 224), False, None)
    assert "MP-16" in stated["geotag.training_data"]
    assert "Vivanco" in stated["geotag.licence_text"]
    assert "OpenAI" in stated["geotag.licence_text"]
    assert '"2500": 84' in stated["geotag.metrics"]


def test_it_can_be_added_and_run(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOTAG_MODELS", str(tmp_path / "models"))
    archive = tmp_path / "archive"
    archive.mkdir()
    for name, picture in PICTURES.items():
        (archive / f"{name}.png").write_bytes(picture)
    added = CliRunner().invoke(main, ["models", "add", str(folder / "geoclip.onnx"), "--name", "geoclip"])
    assert added.exit_code == 0, added.output
    options = ["--model", "geoclip", "--only-sidecar", "--max-error-km", "20100", "--evidence", "picture"]
    done = CliRunner().invoke(main, ["run", str(archive), "--output", str(tmp_path / "out"), *options])
    assert done.exit_code == 0, done.output
    assert len(list(archive.glob("*.xmp"))) == len(PICTURES)
    assert "GeoCLIP-by-chance 1.3" in (tmp_path / "out" / "manifest.csv").read_text(encoding="utf-8")


def test_parity_is_a_command(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, picture in PICTURES.items():
        (tmp_path / name).write_bytes(picture)
    files = [str(folder / "geoclip.onnx"), "--photos", str(tmp_path), "--random-backbone"]
    monkeypatch.setattr(sys, "argv", ["parity", *files, str(SEED), "--count", "5"])
    parity.main()
    assert capsys.readouterr().out.splitlines()[-1].split()[:3] == ["geoclip.onnx", "5", "5"]
    monkeypatch.setattr(sys, "argv", ["parity", *files, str(SEED + 1), "--count", "5"])
    with pytest.raises(SystemExit, match="not the same"):
        parity.main()
    monkeypatch.setattr(sys, "argv", ["parity", *files, str(SEED), "--count", "50"])
    with pytest.raises(SystemExit, match="7 photographs, not 50"):
        parity.main()


class _Told(nn.Module):  # type: ignore[misc]
    """Eyes that see the first numbers of the first row of a picture, as they are."""

    def forward(self, pixels: Tensor) -> Tensor:
        return pixels[:, 0, 0, :3].float()


def test_the_radius_holds_what_it_says_and_hardly_more() -> None:
    lat, lon = score.even_grid(3000)
    towards = geo.unit_vectors(lat, lon)
    places = torch.from_numpy(np.stack([lat, lon], axis=1).astype(np.float32))
    features = torch.from_numpy(towards.astype(np.float32))
    for scale, least, most in ((1e6, gallery.LEAST_KM, gallery.LEAST_KM * 1.001), (20.0, 1500, 6000)):
        made = gallery.Gallery(
            _Told(), nn.Identity(), features, places, scale, [0, 0, 0], [1, 1, 1], torch.float32
        )
        image = torch.zeros(2, 4, 4, 3, dtype=torch.uint8)
        image[0, 0, :3, 0] = torch.tensor([200, 30, 90])
        image[1, 0, :3, 0] = torch.tensor([10, 0, 250])
        answers, km, cells, _ = (value.numpy() for value in made(image))
        for answer, radius, chances in zip(answers, km, cells, strict=True):
            assert least <= radius <= most
            away = geo.distance_km(answer[0], answer[1], lat, lon)
            order = np.argsort(away)
            needed = away[order][np.searchsorted(np.cumsum(chances[order]), gallery.INSIDE / gallery.KNOWN)]
            assert radius == pytest.approx(max(gallery.LEAST_KM, needed), rel=2e-3)


def test_matches_tell_what_is_off() -> None:
    first = np.array([[1, 2], [3, 4]], np.float32)
    chances = np.array([[0.6, 0.4], [0.3, 0.7]], np.float32)
    said = parity.Said(first, chances)
    assert parity.match(said, said, 10).holds()
    north = first.copy()
    north[1, 0] += 1
    moved = parity.match(said, parity.Said(north, chances), 10)
    assert (moved.same, moved.distinct) == (1, 2)
    assert moved.km == pytest.approx(111.2, abs=0.2)
    assert not moved.holds()
    off = parity.match(said, parity.Said(first, chances[:, ::-1].copy()), 10)
    assert off.chance == pytest.approx(0.4)
    assert off.odds == pytest.approx(0.7 / 0.3)
    assert not off.holds()


def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match="CLIP cannot be loaded"):
        backbone.load(str(tmp_path / "nothing"), None)
    monkeypatch.setitem(sys.modules, "geoclip", None)
    with pytest.raises(SystemExit, match="geoclip"):
        backbone.load(None, 1)
