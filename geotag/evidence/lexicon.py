"""Words around a name that tell what it names: prepositions, titles, streets, waters, houses; endings."""

from __future__ import annotations

PLACING = frozenset(
    "in at near through around outside bei nahe im zu à a au en dans près em no na perto cerca te "
    "nabij bij v ve u nad pod w we koło в во на под у близ около i ved nära till".split()
)
"""Prepositions of place, in the languages of Europe."""

NEARBY = frozenset(
    "near nearby outside north south east west northeast northwest southeast southwest bei nahe "
    "nördlich südlich östlich westlich près environs cerca perto nabij omgeving okolí близ около "
    "окрестности".split()
)
"""Words that put a picture beside a place, not in it."""

ALONG = frozenset(
    "on along across above over up down beyond an am entlang über sur le long del sul sulla op aan langs på "
    "ved по над вдоль через".split()
)
"""Words that, perhaps with an article behind them, go before the name of a river, a lake, a range."""

ARTICLES = frozenset("the der die das den dem la le les il lo el de het".split())

TITLES = frozenset(
    "mr mrs ms miss dr prof professor sir lord lady capt captain col colonel gen general lt "
    "lieutenant sgt major senator president pres governor gov rev reverend bishop saint king queen "
    "prince princess judge mayor herr frau fräulein baron graf könig kaiser mme madame monsieur mlle "
    "señor señora don doña dom dona senhor senhora sr sra conde rei rainha pan paní sv dhr mevrouw "
    "meneer burgemeester koning koningin signor signora by photographer портрет царь князь граф "
    "генерал святого святой имени им".split()
)
"""Words that go before the name of a person."""

PORTRAITS = frozenset("portrait portret porträt bildnis retrato ritratto portréta podobizna портрет".split())
"""Words that, with "of" behind them, go before the name of a person."""

STREETS = frozenset(
    "street st str road rd avenue ave av boulevard blvd lane drive terrace alley court row highway "
    "turnpike pike square place plaza quay wharf pier slip crescent way straße strasse platz weg "
    "gasse allee ufer straat laan plein kade gracht steeg singel dijk ulice třída náměstí nábřeží "
    "sady ulica plac улица переулок проспект площадь бульвар набережная шоссе тупик проезд gade gata "
    "gatan vej sts aves streets".split()
)
"""Words that go after the name of a street."""

STREETS_BEFORE = frozenset(
    "rue avenue boulevard bd place quai chemin via viale piazza corso calle avenida paseo plaza rua "
    "praça largo travessa ladeira ulice ul třída náměstí улица ул переулок проспект площадь бульвар "
    "набережная шоссе метро".split()
)
"""Words that go before the name of a street."""

NATURE = frozenset(
    "river creek lake brook fork mountain mountains mt mount mts peak butte canyon falls pass ridge "
    "forest national bay sea ocean glacier range reservoir rapids basin gulch meadows island islands "
    "gebirge fluss see řeka hory potok trail camp district".split()
)
"""Words that go with the name of a river, a mountain or a forest, which lies where it likes."""

NATURE_BEFORE = frozenset("lake mount river lac lago rio río fort camp monte cape fluss mont".split())

HOUSES = frozenset(
    "hotel house inn theatre theater company co corp inc railway railroad lumber bank club school "
    "hall building church cathedral chapel hospital college university institute museum library park "
    "gardens garden bridge gate station mill mine store café cafe restaurant brothers bros sons "
    "family band ball award prize treaty war battle shop farm ranch cemetery monument memorial arena "
    "stadium expedition expo exposition society press times journal herald regiment army ship".split()
)
"""Words that go after the name of something called after a place, or after a person."""

BUILDINGS = frozenset(
    "rathaus bahnhof kirche schule schloss dom brücke markt hafen burg turm kloster friedhof denkmal "
    "altstadt kostel hrad nádraží zámek kaple škola dům divadlo собор церковь храм театр дом вокзал "
    "мост школа église gare château pont école mairie igreja estação ponte castelo morro praia kerk "
    "molen stadhuis iglesia catedral puente castillo palacio palais palazzo chiesa duomo estrada "
    "vista vue pohled blick gezicht".split()
)
"""Buildings and views in other languages than English."""

HOUSES_BEFORE = frozenset(
    "university library college bank hotel house duke earl bishop archbishop treaty battle order "
    "society museum uss hms ss theatre café villa king queen count institute department church".split()
)
"""Words that go before such a name, often with "of" between."""

CIVIC = frozenset(
    "city town village municipality county archive archives archiv archief gemeentearchief "
    "stadsarchief stadtarchiv beeldbank stadt gemeinde ville commune ciudad cidade comune gemeente "
    "město města obec hl hlavního arquivo archivo archivio museum musée musee museo museu library "
    "bibliothek bibliothèque biblioteca historical historique history views photographs photos "
    "pictures postcards postcard images album collection архив музей город".split()
)
"""Words of a folder's name that go with the name of the place its photographs show."""

LINKING = frozenset("of the de du des la le les der die das den von van del della do da dos di el al".split())

COMMON = STREETS | NATURE | HOUSES | HOUSES_BEFORE | CIVIC | BUILDINGS | TITLES | PLACING
"""Words that are hardly ever a place by themselves, whatever a gazetteer holds."""

GERMAN = (("er", ""), ("er", "e"), ("er", "en"), ("s", ""))
CZECH = (
    ("ze", "ha"), ("hy", "ha"), ("hu", "ha"), ("hou", "ha"), ("y", "a"), ("u", "a"), ("ou", "a"), ("e", "a"),
    ("ě", "a"), ("ě", "o"), ("e", "o"), ("a", "o"), ("a", ""), ("u", ""), ("e", ""), ("i", ""), ("em", ""),
)  # fmt: skip
RUSSIAN = (
    ("е", "а"), ("ы", "а"), ("у", "а"), ("ой", "а"), ("е", ""), ("а", ""), ("у", ""), ("ом", ""), ("и", "ь"),
    ("я", "ь"), ("ю", "ь"), ("и", "я"), ("ью", "ь"),
)  # fmt: skip


def uninflected(key: str) -> list[str]:
    """What a folded word may be the inflected form of, in German, Czech and Russian (cases, "Breslauer")."""
    if len(key) < 5:
        return []
    pairs = RUSSIAN if "а" <= key[0] <= "я" else GERMAN + CZECH
    return [key[: -len(end)] + base for end, base in pairs if key.endswith(end) and len(key) - len(end) > 2]
