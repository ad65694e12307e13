"""The Turtle reader knows lines; the formatter keeps the graph, the comments and everybody's diffs small."""

from __future__ import annotations

import difflib
import itertools
import random
import re
import time

import pyoxigraph as ox
import pytest
import rdflib.compare
from hypothesis import given, settings
from hypothesis import strategies as st

from spacegov.errors import SpacegovError
from spacegov.names import DOCUMENT, ENT, OWL, RDF, REL, SG, SH, SHAPES, SKOS, XSD
from spacegov.rdf.fmt import WIDTH, format_file, format_paths, format_turtle
from spacegov.rdf.turtle import line_of, parse_file

EX = "https://example.org/"
HEAD = f"@prefix ex: <{EX}> .\n"


def canonical(text):
    dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.TURTLE))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return dataset


def body(text):
    """Return formatted text without its prefix lines."""
    return "".join(line for line in format_turtle(text).splitlines(True) if not line.startswith("@prefix")).strip()


def write(tmp_path, text, name="file.ttl"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# --- reading


def test_a_parsed_file_holds_triples_prefixes_and_the_line_of_each_subject(tmp_path):
    text = (
        "# ex:not-this a ex:T .\n"
        f"PREFIX ex: <{EX}>\n"
        "ex:a ex:says \"\"\"one .\n\nex:b a ex:T .\n\"\"\" , '''two ''\n. ''' ; ex:p 1.5, 'ex:b . # no' .\n"
        "[] ex:p ex:b . _:x ex:p [ ex:p ex:b ] .\n"
        f"<{EX}b> a ex:T .\n"
        "ex:c\\/d.e ex:p ex:a.\n"
        "ex:a a ex:T .\n"
        f"@base <{EX}> . <c> a <T> .\n"
        "<\\u00e9> a ex:T .\n"
    )
    parsed = parse_file(write(tmp_path, text))
    assert parsed.prefixes == {"ex": EX}
    assert len(parsed.triples) == 12
    found = {iri: line_of(parsed, EX + iri) for iri in ("a", "b", "c/d.e", "c", "é", "not-this", "T")}
    assert found == {"a": 3, "b": 9, "c/d.e": 10, "c": 12, "é": 13, "not-this": None, "T": None}


def test_line_numbers_count_windows_line_ends_once(tmp_path):
    parsed = parse_file(write(tmp_path, "\ufeff" + HEAD.replace("\n", "\r\n") + "\r\nex:a a ex:T .\r\n"))
    assert line_of(parsed, EX + "a") == 3


def test_blank_nodes_of_two_files_stay_apart(tmp_path):
    files = [write(tmp_path, HEAD + "_:b1 a ex:T .", name) for name in ("a.ttl", "b.ttl")]
    first, second = (parse_file(file).triples[0].subject for file in files)
    assert first != second


@pytest.mark.parametrize(
    ("text", "line", "mend"),
    [
        (HEAD + "\nex:a a sg:T .\n", 3, "@prefix"),
        (HEAD + "ex:a a ex:T\nex:b a ex:T .\n", 3, "` .`"),
        (HEAD + "ex:a a <T> .\n", 2, "in full"),
        (HEAD + 'ex:a ex:p "one\ntwo" .\n', 2, '"""'),
        (HEAD + "ex:a ex:p ; ; ] .\n", 2, "Look at this line"),
        (b"# fine\n# \xff\n", 2, "UTF-8"),
    ],
)
def test_a_broken_file_is_an_error_that_names_file_and_line_and_the_mend(tmp_path, text, line, mend):
    path = write(tmp_path, text)
    with pytest.raises(SpacegovError) as caught:
        parse_file(path)
    assert caught.value.where == f"{path}:{line}"
    assert mend in caught.value.mend


def test_a_missing_file_is_an_error_that_names_it(tmp_path):
    with pytest.raises(SpacegovError, match=r"none\.ttl"):
        parse_file(tmp_path / "none.ttl")


# --- the format


def test_a_term_is_written_in_the_house_style():
    text = f"""
        @prefix sg: <{SG}> . @prefix unused: <https://example.com/> .
        sg:SpaceSafetyRisk <{SKOS}definition> "A risk."@EN ; <{OWL}disjointWith> sg:SpaceSecurityRisk ;
          <{SKOS}altLabel> "z"@en, "b"@fr, "a" ; sg:zeta 1 ; sg:alpha 0.9 ;
          a sg:Notion, <{OWL}Class> ; <http://www.w3.org/2000/01/rdf-schema#subClassOf> sg:SpaceRisk .
        <{SG[:-1]}> a <{OWL}Ontology> . <{EX}a> <{EX}b> <{EX}c/d> .
    """
    assert format_turtle(text) == (
        "@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        "@prefix sg: <https://w3id.org/spacegov/ontology#> .\n"
        "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"
        """
<https://w3id.org/spacegov/ontology> a owl:Ontology .
<https://example.org/a> <https://example.org/b> <https://example.org/c/d> .

sg:SpaceSafetyRisk a owl:Class , sg:Notion ;
    rdfs:subClassOf sg:SpaceRisk ;
    owl:disjointWith sg:SpaceSecurityRisk ;
    skos:altLabel "a" , "z"@en , "b"@fr ;
    skos:definition "A risk."@en ;
    sg:alpha 0.9 ;
    sg:zeta 1 .
"""
    )


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("true", "true"),
        ("-7", "-7"),
        ("+7", f'"+7"^^<{XSD}integer>'),
        ("007", f'"007"^^<{XSD}integer>'),
        ("-0", f'"-0"^^<{XSD}integer>'),
        ("0.90", f'"0.90"^^<{XSD}decimal>'),
        (".5", f'".5"^^<{XSD}decimal>'),
        ("10.0", "10.0"),
        ("1e0", f'"1e0"^^<{XSD}double>'),
        (f'"1"^^<{XSD}boolean>', f'"1"^^<{XSD}boolean>'),
        (f'"x"^^<{XSD}string>', '"x"'),
        ("'it\\'s \"so\" \\\\ é \\u4E2D \U0001f6f0'", '"it\'s \\"so\\" \\\\ é 中 \U0001f6f0"'),
        ('"tab\\t \\u0000 \\r"', '"tab\\t \\u0000 \\r"'),
        ('"""a\n"b" ""c\\"\\"\\"\\""""', '"""a\n"b" \\""c\\"\\"\\"\\""""'),
        ('"a\\n"', '"""a\n"""'),
        ('"x"@de-AT', '"x"@de-at'),
        ('"x"@ar--rtl', '"x"@ar--rtl'),
        ("()", "()"),
        ("( 2 1 ( ) [ ] )", "( 2 1 () [] )"),
        ("[ ex:b 1 ; ex:a [ a ex:T ] ]", "[ ex:a [ a ex:T ] ; ex:b 1 ]"),
        ('<<( ex:s ex:p "a\\n\\"b\\"" )>>', '<<( ex:s ex:p "a\\n\\"b\\"" )>>'),
        (f"<<( ex:s ex:p <{RDF}nil> )>>", f"<<( ex:s ex:p <{RDF}nil> )>>"),
    ],
)
def test_an_object_is_written_in_its_one_form(source, written):
    text = HEAD + f"ex:s ex:p {source} ."
    formatted = format_turtle(text, prefixes={})
    assert formatted.replace("\n    ", " ") == HEAD + f"\nex:s ex:p {written} .\n"
    assert canonical(formatted) == canonical(text)


@pytest.mark.parametrize("local", ["a.b", "1a", "é", "a-b"])
def test_a_plain_name_is_shortened(local):
    assert body(f"<{EX}s> <{EX}p> <{EX}{local}> . {HEAD}") == f"ex:s ex:p ex:{local} ."


@pytest.mark.parametrize("local", ["", "a.", "-a", ".a", "a/b", "a:b", "a%20b", "²"])
def test_a_name_that_would_need_an_escape_is_written_in_full(local):
    assert body(f"<{EX}s> <{EX}p> <{EX}{local}> . {HEAD}") == f"ex:s ex:p <{EX}{local}> ."


def test_what_is_read_together_shares_a_line_while_it_fits():
    said = "sg:relation rel:x ; sg:subject ent:a ; sg:object ent:b ; sg:status sg:done ; sg:modality sg:asserted"
    prefixes = f"@prefix sg: <{SG}> . @prefix rel: <{REL}> . @prefix ent: <{ENT}> . "
    assert body(f"{prefixes} ent:p a sg:Proposition ; {said} ; sg:wording 'x'@en .") == (
        "ent:p a sg:Proposition ;\n    sg:subject ent:a ; sg:relation rel:x ; sg:object ent:b ;\n"
        '    sg:modality sg:asserted ; sg:status sg:done ;\n    sg:wording "x"@en .'
    )
    long = said.replace("ent:b", "ent:" + "b" * 80)
    assert "    sg:subject ent:a ; sg:relation rel:x ;\n    sg:object ent:bbb" in body(f"{prefixes} ent:p {long} .")


def test_short_names_fill_lines_and_other_values_take_one_each():
    names = " , ".join(f"ex:a-name-of-some-length-{n}" for n in range(10, 18))
    assert [line.count("ex:a-name") for line in body(HEAD + f"ex:s ex:p {names} .").splitlines()] == [0, 3, 3, 2]
    texts = " , ".join(f'"a text of some length, number {n}"' for n in range(10, 14))
    assert [line.count("a text") for line in body(HEAD + f"ex:s ex:p {texts} .").splitlines()] == [0, 1, 1, 1, 1]
    assert all(len(line) <= WIDTH for text in (names, texts) for line in body(f"{HEAD} ex:s ex:p {text} .").split("\n"))


def test_types_that_do_not_fit_go_on_below_deeper_than_what_follows():
    kinds = " , ".join(f"ex:A-kind-of-some-length-{n}" for n in range(10, 15))
    first, second, third = body(HEAD + f"ex:s a {kinds} ; ex:p 1 .").splitlines()
    assert first.startswith("ex:s a ex:A-kind")
    assert (len(second) - len(second.lstrip()), third) == (8, "    ex:p 1 .")


def test_long_lists_and_blank_nodes_take_a_line_for_each_item():
    items = [f"ex:item-number-{n}" for n in range(9, 0, -1)]
    formatted = body(HEAD + f"ex:s ex:p [ ex:q ( {' '.join(items)} ) ; ex:r 1 ] .")
    listed = "\n".join(" " * 12 + item for item in items)
    assert formatted == f"ex:s\n    ex:p [\n        ex:q (\n{listed}\n        ) ;\n        ex:r 1\n    ] ."
    assert all(len(line) <= WIDTH for line in formatted.splitlines())


@pytest.mark.parametrize(
    "broken_list",
    [
        f"_:a <{RDF}first> 1 ; <{RDF}rest> [ <{RDF}first> 2, 3 ; <{RDF}rest> () ] .",
        f"_:a <{RDF}first> 1 ; <{RDF}rest> [ a <{RDF}List> ; <{RDF}first> 2 ; <{RDF}rest> () ] .",
        f"_:a <{RDF}first> 1 ; <{RDF}rest> _:b . _:b <{RDF}first> 2 ; <{RDF}rest> () . ex:t ex:p _:b .",
        f"_:a <{RDF}first> 1 .",
        f"_:a <{RDF}first> 1 ; <{RDF}rest> ex:open .",
    ],
)
def test_what_is_not_quite_a_list_is_not_written_as_one(broken_list):
    text = HEAD + "ex:s ex:p _:a . " + broken_list
    assert f"<{RDF}first> 1" in format_turtle(text, prefixes={})
    assert canonical(format_turtle(text)) == canonical(text)


def test_shared_and_cyclic_blank_nodes_get_labels_by_content():
    lines = ["ex:s ex:p _:x , _:y .", "ex:t ex:p _:x .", "_:x ex:v 2 .", "_:y ex:q _:y ; ex:v 1 ."]
    written = {format_turtle(HEAD + "\n".join(order)) for order in itertools.permutations(lines)}
    written.add(format_turtle(HEAD + "\n".join(lines).replace("_:x", "_:z").replace("_:y", "_:x")))
    (only,) = written
    assert "_:b1\n    ex:q _:b1 ;\n    ex:v 1 .\n\n_:b2 ex:v 2 ." in only


def test_an_axiom_without_a_subject_stands_behind_the_named_ones():
    text = HEAD + f"[] a <{OWL}AllDisjointClasses> ; <{OWL}members> ( ex:b ex:a ) . ex:z a ex:T ."
    assert body(text) == "ex:z a ex:T .\n\n[] a owl:AllDisjointClasses ;\n    owl:members ( ex:b ex:a ) ."


def test_a_declared_prefix_keeps_its_name_and_a_known_one_comes_in_where_none_is():
    assert "@prefix s: <" in format_turtle(f"@prefix s: <{SG}> . s:A s:b s:C .")
    assert format_turtle(f"<{SG}A> <{SG}b> <{SG}C> .").startswith(f"@prefix sg: <{SG}> .\n\nsg:A sg:b ")
    both = format_turtle(f"@prefix : <{SG}> . @prefix sg: <{SG}> . :A :b sg:C .")
    assert both.startswith(f"@prefix sg: <{SG}> .\n\nsg:A sg:b ")


def test_a_prefix_that_leaves_makes_room_at_once_for_the_known_one_of_its_name():
    once = format_turtle(f"@prefix sg: <{EX}> . <{SG}A> <{SG}b> <{SG}C> .")
    assert once.startswith(f"@prefix sg: <{SG}> .\n")
    assert format_turtle(once) == once


DOC = "@prefix doc: <https://w3id.org/spacegov/document/xyz-2021/> .\n"


def subjects(text):
    """Return the short names of the subjects of formatted text, in their order."""
    return re.findall(r"^\S+", body(text), re.MULTILINE)


def test_what_belongs_to_one_block_follows_the_first_that_names_it():
    text = (
        f"{HEAD}{DOC}@prefix sg: <{SG}> .\n"
        "doc:a-part a sg:Referent ; ex:p 1 . doc:time a sg:TimeQualifier ; ex:p 1 . doc:alone a sg:Referent ; ex:p 1 . "
        "doc:s-1 sg:quotation 'x' ; sg:hasProposition doc:s-1-a , doc:s-1-b . "
        "doc:s-1-a sg:object doc:sit ; sg:subject doc:a-part ; sg:alternativeTo doc:s-1-b . "
        "doc:s-1-b sg:hasTime doc:time ; sg:subject doc:a-part . "
        "doc:sit a sg:Situation ; ex:p [ ex:q ( doc:inner ) ] . "
        "doc:inner ex:p 1 . doc:s-0 sg:quotation 'y' ; sg:supports doc:s-1 . doc:note sg:concerns doc:sit . "
    )
    order = "alone note s-0 s-1 s-1-a a-part sit inner s-1-b time"
    assert subjects(text) == [f"doc:{name}" for name in order.split()]


def test_what_is_no_documents_own_stands_in_the_order_of_its_iri():
    text = "@prefix ent: <https://w3id.org/spacegov/entity/> . ent:z ent:p ent:b . ent:b ent:p ent:a . ent:a ent:p 1 ."
    assert subjects(text) == ["ent:a", "ent:b", "ent:z"]


def test_parts_that_name_each_other_in_a_circle_are_written_once_at_the_end():
    text = f"{HEAD}{DOC}doc:a ex:p doc:b . doc:b ex:p doc:c . doc:c ex:p doc:a , doc:c . doc:z ex:p 1 ."
    assert subjects(text) == ["doc:z", "doc:a", "doc:b", "doc:c"]


def test_a_chain_of_parts_of_any_length_is_written():
    chain = " ".join(f"doc:n{n} ex:p doc:n{n + 1} ." for n in range(3000))
    assert len(subjects(f"{HEAD}{DOC}doc:s <{SG}quotation> 'x' ; ex:p doc:n0 . {chain}")) == 3001


def test_declarations_come_first_and_stand_together():
    text = f"{HEAD}{DOC}doc:s <{SG}quotation> 'x' ; ex:p doc:z , doc:y . doc:y a <{OWL}NamedIndividual> . "
    assert body(text + f"doc:z a <{OWL}NamedIndividual> .").split("\n\n")[0].splitlines() == [
        "doc:y a owl:NamedIndividual .",
        "doc:z a owl:NamedIndividual .",
    ]


def test_a_property_shape_follows_its_node_shape():
    text = "sgsh:Node sh:property sgsh:b , sgsh:a . sgsh:M sh:property sgsh:b ."
    head = f"{HEAD}@prefix sgsh: <{SHAPES}> . @prefix sh: <{SH}> . sgsh:a sh:path ex:p . sgsh:b sh:path ex:q . "
    assert subjects(head + text) == ["sgsh:M", "sgsh:b", "sgsh:Node", "sgsh:a"]


def test_what_is_said_of_the_labels_of_two_terms_follows_neither():
    text = f"ex:b ex:p 2 . ex:a ex:p 1 . [] a <{OWL}Axiom> ; <{OWL}annotatedSource> ex:a , ex:b ."
    assert subjects(HEAD + text) == ["ex:a", "ex:b", "[]"]


def test_what_is_said_of_a_label_follows_the_term_that_has_it():
    text = f"ex:b ex:p 2 . ex:a ex:p 1 . [] a <{OWL}Axiom> ; <{OWL}annotatedSource> ex:a ; ex:says 'x' ."
    assert subjects(HEAD + text) == ["ex:a", "[]", "ex:b"]


@pytest.mark.parametrize("text", ["", "# only this\n", "# one\n\n# two\n", f"# head\n\n{HEAD}"])
def test_a_file_without_triples_keeps_what_it_has(text):
    assert format_turtle(text) == text


def test_nesting_without_end_is_an_error_and_no_traceback():
    with pytest.raises(SpacegovError, match="too deep"):
        format_turtle(HEAD + "ex:s ex:p " + "[ ex:p " * 2000 + "1" + " ]" * 2000 + " .")


# --- comments


def test_comments_stay_at_the_top_or_travel_with_the_block_below_them():
    text = (
        "# head\n\n   # of the file\n"
        + HEAD
        + "\n# on b,\n# in two lines\nex:b a ex:T .\n# on a\nex:a a ex:T .\n# on a axiom\n[ a ex:A ; ] ex:p 1 .\n"
        "# on x\n_:x ex:p 2 .\nex:a ex:p _:x .\n# more on a\nex:a ex:q 'not # this' .\n"
    )
    formatted = format_turtle(text)
    assert formatted == (
        "# head\n\n# of the file\n\n" + HEAD + "\n# on a\n# more on a\nex:a a ex:T ;\n    ex:p _:b1 ;\n"
        '    ex:q "not # this" .\n\n# on b,\n# in two lines\nex:b a ex:T .\n\n# on a axiom\n[] a ex:A ;\n'
        "    ex:p 1 .\n\n# on x\n_:b1 ex:p 2 .\n"
    )
    assert format_turtle(formatted) == formatted


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEAD + "ex:a a ex:T ;\n  # inside\n  ex:p 1 .\n", 3),
        (HEAD + "ex:a a ex:T . # trailing\nex:b a ex:T .\n", 2),
        (HEAD + "# alone\n\nex:a a ex:T .\n", 2),
        (HEAD + "ex:a a ex:T .\n# at the end\n", 3),
        (HEAD + f"# between prefixes\n@prefix b: <{EX}b/> .\n", 2),
        (HEAD + "# on a list\n( 1 ) ex:p 2 .\n", 2),
    ],
)
def test_a_comment_that_would_be_lost_is_an_error_that_says_where_to_put_it(text, line):
    with pytest.raises(SpacegovError, match="comment") as caught:
        format_turtle(text)
    assert caught.value.where.endswith(f":{line}")
    assert "directly above the subject" in caught.value.mend


def test_all_misplaced_comments_are_named_at_once():
    with pytest.raises(SpacegovError, match=r"lines 4, 5"):
        format_turtle(HEAD + "ex:a a ex:T ; # one\n  ex:p 1 .\nex:b a ex:T . # two\n# three\n")


def test_what_protege_writes_as_comments_goes_and_what_people_write_stays():
    banner = "#" * 65
    text = (
        f"{HEAD}\n{banner}\n#    Classes\n{banner}\n\n###  {EX}a\n# mine\nex:a a ex:T .\n\n\n"
        "###  Generated by the OWL API (version 4.5.22) https://github.com/owlcs/owlapi\n"
    )
    assert format_turtle(text) == HEAD + "\n# mine\nex:a a ex:T .\n"


def test_what_protege_writes_through_rio_goes_too_and_no_other_file_loses_it():
    banner = "#" * 65
    cells = f"[ a <{RDF}List> ; <{RDF}first> 1 ; <{RDF}rest> [ a <{RDF}List> ; <{RDF}first> 2 ; <{RDF}rest> () ] ]"
    saved = (
        f"{HEAD}# \n# \n# {banner}\n# #\n# #    Individuals\n# #\n# {banner}\n# \n# {EX}a\n\nex:a ex:p {cells} .\n"
        f"# \n# {EX}b\n\n# mine\nex:b a ex:T .\n"
    )
    by = "# \n# Generated by the OWL API (version 4.5.22) https://github.com/owlcs/owlapi\n"
    assert format_turtle(saved + by) == HEAD + "\nex:a ex:p ( 1 2 ) .\n\n# mine\nex:b a ex:T .\n"
    with pytest.raises(SpacegovError, match="a comment that stands alone would be lost"):
        format_turtle(saved)
    mine = f"{HEAD}# {EX}a\nex:a ex:p {cells} .\n"
    assert f"# {EX}a\n" in format_turtle(mine)
    assert canonical(format_turtle(mine)) == canonical(mine)


# --- guarantees over any graph

DOCUMENTS = [f"{DOCUMENT}xyz-2021/{name}" for name in ("a", "b", "c", "d")]
names = st.sampled_from(
    [ox.NamedNode(iri) for iri in (EX + "a", EX + "b", SG + "C", RDF + "nil", "urn:x:y", *DOCUMENTS, OWL + "Axiom")]
)
blanks = st.sampled_from([ox.BlankNode(f"n{n}") for n in range(6)])
predicates = st.sampled_from(
    [ox.NamedNode(iri) for iri in (EX + "p", SG + "p", SG + "quotation", SG + "subject", SG + "object", SH + "path")]
    + [ox.NamedNode(iri) for iri in (RDF + "type", RDF + "first", RDF + "rest", OWL + "annotatedSource")]
)
strings = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.text('"\\\n\r\t# .', max_size=6)
literals = st.one_of(
    st.builds(ox.Literal, strings),
    st.builds(lambda value, tag: ox.Literal(value, language=tag), strings, st.sampled_from(["en", "zh-hans"])),
    st.builds(
        lambda value, kind: ox.Literal(value, datatype=ox.NamedNode(XSD + kind)),
        st.sampled_from(["1", "-0", "01", "1.0", "-0.0", "1.", "true", "x", ""]),
        st.sampled_from(["integer", "decimal", "boolean", "double"]),
    ),
)
triple_terms = st.builds(ox.Triple, names | blanks, predicates, names | blanks | literals)
triples = st.builds(ox.Triple, names | blanks, predicates, names | blanks | blanks | literals | triple_terms)


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(st.lists(triples, max_size=14), st.randoms(use_true_random=False))
def test_any_graph_is_kept_and_written_in_one_way_whatever_its_order_and_labels(graph, chance):
    def text_of(triples):
        return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES).decode()

    text = text_of(graph)
    formatted = format_turtle(text)
    assert canonical(formatted) == canonical(text)
    assert format_turtle(formatted) == formatted
    shuffled = sorted(graph, key=lambda _: chance.random())
    assert format_turtle(re.sub(r"_:n(\d)", r"_:other\1", text_of(shuffled))) == formatted


def test_rdflib_reads_the_same_graph_before_and_after():
    text = ontology() + 'ex:q ex:p "a\\"b\\\\" , """x\n\\"\\"\\"y\\"""" , "\\t\\u0001é"@en , () , ( 1 ( 2.5 ) [] ) .'
    before, after = (rdflib.Graph().parse(data=each, format="turtle") for each in (text, format_turtle(text)))
    assert len(before) > 300
    assert rdflib.compare.isomorphic(before, after)


def changed_lines(before, after):
    """Return the lines that a diff takes away and those it adds."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in lines if line[0] == "-"], [line[2:] for line in lines if line[0] == "+"]


def ontology(count=40):
    chance = random.Random(5)
    blocks = [
        f"ex:Term{n} a owl:Class ; rdfs:subClassOf ex:Term{chance.randrange(count)} , "
        f"[ a owl:Restriction ; owl:onProperty ex:link ; owl:someValuesFrom [ owl:unionOf "
        f'( ex:Term{chance.randrange(count)} ex:Other{n} ) ] ] ; rdfs:label "term {n}"@en ; ex:shared _:s{n % 3} .'
        for n in range(count)
    ]
    return (
        HEAD
        + f"@prefix owl: <{OWL}> .\n@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        + "\n".join([*blocks, "_:s0 ex:v 0 . _:s1 ex:v 1 . _:s2 ex:v 2 ."])
    )


@pytest.mark.parametrize("new", ["Term7a", "Aaa", "Zzz"])
def test_renaming_a_term_changes_the_lines_that_name_it_and_no_others(new):
    before = format_turtle(ontology())
    after = format_turtle(re.sub(r"ex:Term7\b", f"ex:{new}", before))
    names_old, names_new = re.compile(r"ex:Term7\b"), re.compile(rf"ex:{new}\b")

    def others(text, own):
        """Return blocks without the renamed term's own, lines that name it, and what ends a line."""
        blocks = [block for block in text.split("\n\n") if not own.match(block)]
        return [line.rstrip(" ,;.") for block in blocks for line in block.split("\n") if not own.search(line)]

    assert others(after, names_new) == others(before, names_old)
    own_block = next(block for block in before.split("\n\n") if names_old.match(block))
    assert names_old.sub(f"ex:{new}", own_block) in after
    if new == "Term7a":  # its place stays
        removed, added = changed_lines(before, after)
        assert [names_old.sub(f"ex:{new}", line) for line in removed] == added


def statement_files(project):
    """Return the text of every file of statements."""
    return [f.read_text(encoding="utf-8") for d in project.documents for f in d.turtle if f.parent != d.folder]


def test_another_relation_is_a_diff_of_its_line(project):
    for before in statement_files(project):
        for found in list(re.finditer(r"sg:relation (rel:[\w-]+) ;", before))[::40]:
            other = "rel:" + "x" * (len(found[1]) - 4)  # of the same length, so that what shares its line still fits
            removed, added = changed_lines(
                before, format_turtle(before[: found.start(1)] + other + before[found.end(1) :])
            )
            assert [line.replace(found[1], other) for line in removed] == added
            assert len(added) == 1


def test_a_renamed_situation_is_a_diff_of_the_lines_that_name_it(project):
    renamed = 0
    for before in statement_files(project):
        for name in re.findall(r"^(chn:sit-[\w-]+) a ", before, re.MULTILINE)[::20]:
            other = "chn:zz" + "x" * (len(name) - 6)  # last in the order of IRIs, and yet where it stood
            pattern = re.compile(rf"{re.escape(name)}(?![\w-])")
            removed, added = changed_lines(before, format_turtle(pattern.sub(other, before)))
            own = [pattern.sub(other, line) for line in removed]
            assert all(other in line for line in added)
            assert sorted(re.sub("[ ,;.]", "", "".join(own))) == sorted(re.sub("[ ,;.]", "", "".join(added)))
            renamed += 1
    assert renamed > 5


def test_a_part_that_an_earlier_block_comes_to_name_moves_and_nothing_else_does(project):
    before = statement_files(project)[4]
    name = re.findall(r"^(chn:sit-[\w-]+) a ", before, re.MULTILINE)[5]
    earlier = re.search(r"^chn:s-5-01-a a .*;\n", before, re.MULTILINE)
    after = format_turtle(before[: earlier.end()] + f"    sg:concerning {name} ;\n" + before[earlier.end() :])
    removed, added = changed_lines(before, after)
    block = next(block for block in before.split("\n\n") if block.startswith(f"{name} a ")).splitlines()
    assert [line for line in removed if line in block] == block
    assert len(removed) <= len(block) + 2
    assert len(added) <= len(block) + 3


def test_the_example_in_the_guide_stands_in_the_data_as_it_is_printed(project):
    guide = (project.root / "docs" / "model.md").read_text(encoding="utf-8")
    shown = re.findall(r"```turtle\n(.*?\n)```", guide, re.DOTALL)
    assert len(shown) == 3
    assert [any(block in text for text in statement_files(project)) for block in shown] == [True] * 3


def test_editing_an_axiom_changes_only_its_line():
    before = format_turtle(ontology())
    edited = before.replace("ex:Other17 )", "ex:Edited )")
    assert edited != before
    removed, added = changed_lines(before, format_turtle(edited))
    assert len(removed) == len(added) == 1
    assert removed[0].replace("ex:Other17", "ex:Edited") == added[0]


@pytest.mark.long
def test_time_grows_with_the_length_and_not_its_square():
    short, long = (min(seconds(ontology(size)) for _ in range(3)) for size in (110, 1100))
    assert long < 10 * short * 4  # the square would be 100 times


def seconds(text):
    """Return the processor's seconds, so that what else runs on the machine takes no part."""
    start = time.process_time()
    format_turtle(text)
    return time.process_time() - start


# --- files


def test_formatting_a_file_keeps_its_permissions_and_leaves_nothing_behind(tmp_path):
    path = write(tmp_path, HEAD + "ex:a a ex:T .\r\n")
    path.chmod(0o640)
    assert format_file(path, check=True)
    assert b"\r" in path.read_bytes()
    assert format_file(path, check=False)
    assert path.read_text() == HEAD + "\nex:a a ex:T .\n"
    assert b"\r" not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o640
    assert not format_file(path, check=False)
    assert list(tmp_path.iterdir()) == [path]


def test_formatting_through_a_link_changes_the_file_and_keeps_the_link(tmp_path):
    path = write(tmp_path, HEAD + "ex:a a ex:T .")
    link = tmp_path / "link.ttl"
    link.symlink_to(path)
    assert format_file(link, check=False)
    assert link.is_symlink()
    assert "\nex:a a ex:T" in path.read_text()


def test_formatting_folders_returns_the_changed_files_alone(tmp_path):
    good = write(tmp_path, HEAD + "\nex:a a ex:T .\n", "good.ttl")
    (tmp_path / "below").mkdir()
    loose = write(tmp_path, HEAD + "ex:a a ex:T .", "below/loose.ttl")
    assert format_paths([tmp_path], check=True) == [loose]
    assert format_paths([good, loose], check=False) == [loose]
    assert loose.read_text() == good.read_text()


def test_one_bad_file_leaves_all_files_as_they_were(tmp_path):
    loose = write(tmp_path, HEAD + "ex:a a ex:T .", "a.ttl")
    bad = write(tmp_path, b"\xff", "b.ttl")
    with pytest.raises(SpacegovError, match=rf"{re.escape(str(bad))}:1: the file is not UTF-8"):
        format_paths([loose, bad], check=False)
    assert loose.read_text() == HEAD + "ex:a a ex:T ."


def test_a_mistake_that_spans_lines_is_told_without_the_parsers_own_place():
    with pytest.raises(SpacegovError, match=r":1: not valid Turtle: Unexpected end of file\n"):
        format_turtle('<http://a> <http://b> """a\nb')
