"""Filters with what becomes of them: None when they parse, else the 1-based code point of the first
character that cannot go on. Where rsql.md leaves two readings, both positions stand in a tuple.
"""

PARSE = r"""
class==A
class!=A
name<m
name<=m
name>m
name>=m
name=lt=m
name=le=m
name=gt=m
name=ge=m
class=in=(A)
class=in=(A,B)
class=out=(A,B,C,D)
class=in=A
class=out=A
class==(A)
class==( A )
class==('A')
name<(m)
class=in=( A , B )
class=in=(A or B)
class=in=(A OR B oR C)
class=in=(or or or)
class=in=(and,or,A)
class=in=(or)
class=in=('A','B')
class=in=("A" , 'B')
class=in=(A or 'B')
class=in=('A' or B)
class=in=(A,A,A)
class==A;class==B
class==A,class==B
class==A ; class==B
class==A , class==B
class==A and class==B
class==A or class==B
class==A AND class==B
class==A Or class==B
class==A aNd class==B oR class==C
class==A;class==B,class==C;class==D
class==A and class==B;class==C
class==A  and   class==B
class=='A' and class=='B'
(class==A) and (class==B)
(class==A) or (class==B)
(class==A);(class==B)
(class==A),(class==B)
(class==A)
((class==A))
( ( class==A ) )
(class==A;class==B),class==C
(class==A,class==B);class==C
class==A;(class==B,class==C)
((class==A),(class==B));((class==C))
␠␠class==A
class==A␠␠
␠class == A␠
class ==A
class== A
class =in= (A,B)
class  !=  A
name < m
name =gt= m
class==and
class==or
class==AND
class== and
class== or ;class==A
class==and and class==or
class==or or class==and
class==andA
class==A;name==and
class==A and name==or
name==''
name==""
name!=''
name=='a b'
name=="a b"
name=='a"b'
name=="a'b"
name=='a\'b'
name=="a\"b"
name=='a\\b'
name=='\a\b\c'
name=='\*'
name=='a\*b*'
name=="\'"
name=='();,=!~<>'
name=="();,=!~<>"
name=='and'
name==' and '
name=='class==A;'
name=='a';name=='b'
name=='a',name=='b'
name==a\b
name==\
name==\*
name==a\*b
name==*
name!=*
name==**
name==a*
name==*a
name==*a*
name==a*b*c
name=='*'
name=='a*'
name=="*a*"
name=in=(a*b)
name<a*
name==a-b
name==a.b
name==a:b
name==a/b
name==a@b
name==a#b
name==a+b
name==a%b
name==a&b
name==a?b
name==a[b]
name==a{b}
name==a|b
name==a^b
name==a`b
name==a$b
name==a_b
name==1
name==-1
name==1.5
name==null
name==NULL
name==true
name==é
name=='é'
name==日本語
name==😀
name=='😀*'
labels==prod
labels!=prod
labels=in=(prod,dev)
labels=out=(prod)
labels==team:*
labels=='team:payments'
tags==env
tags!=env
tags.env==prod
tags.env!=prod
tags.env=in=(prod,dev)
tags.cost-center==cc-1
tags.no_such_key==x
image_tag==latest
image_tag==1.*
manifest_digest==sha256:*
index_digest!=sha256:*
config_digest==sha256:00
image_labels.operator_package==x
architecture==amd64
os==linux
repository==library/nginx
registry==docker.io
registry==''
type==container_images
type==*image*
type==container*
type==*
type!=container_images
type=in=(container_images)
type=out=(container_images)
q==nginx
q=='two words'
q==*
q=='%'
q==_
q==nginx;q==docker
q==nginx,class==A
(q==nginx or q==redis) and class==A
risk_score==0
risk_score>100
risk_score=le=1000
risk_score==-5
risk_score=in=(1,2,3)
size_bytes>=1000000
size_bytes<9999999999
created_at==2024-01-01
created_at>2024-01-01
created_at=ge=2024-01-01T00:00Z
created_at=ge=2024-01-01T00:00:00Z
created_at<2024-01-01T00:00:00.123456Z
created_at<2024-01-01T00:00:00.123456789Z
created_at<2024-01-01T00:00:00.1
created_at<2024-01-01T00:00:00
created_at<2024-01-01T00:00
created_at<2024-01-01T00:00:00+02:00
created_at<2024-01-01T00:00-11:30
created_at>0001-01-01
created_at<9999-12-31T23:59:59Z
created_at==2024-02-29
created_at!=2023-02-28
created_at=in=(2024-01-01,2024-01-02)
created_at=='2024-01-01'
updated_at>2024-01-01
built_at>2024-01-01
last_scan<2030-01-01
id==00000000-0000-4000-8000-000000000000
id!=00000000-0000-4000-8000-000000000000
id=in=(00000000-0000-4000-8000-000000000000,10000000-0000-4000-8000-000000000000)
class==A␉and␉class==B
class==A␊or␊class==B
class␍␊==␍␊A
name=='a␊b'
name==a⍽b
name==⎵
class==A;class==A;class==A;class==A;class==A;class==A
class==A,class==B,class==C,class==D
"""

FAIL = [
    ("", 1),
    (" ", 2),
    ("  ", 3),
    ("\t", 2),
    ("\n\n", 3),
    ("()", 2),
    ("( )", 3),
    ("(())", 3),
    ("class==A;()", 11),
    ("(),class==A", 2),
    ("class", 6),
    ("class ", 7),
    ("class=", (6, 7)),
    ("class==", 8),
    ("class== ", 9),
    ("class=in=", 10),
    ("class=in", (6, 9)),
    ("class=i", (6, 8)),
    ("class!", (6, 7)),
    ("name<", 6),
    ("name<=", 7),
    ("=A", 1),
    ("==A", 1),
    ("!=A", 1),
    ("<A", 1),
    (" ==A", 2),
    (";", 1),
    (",", 1),
    (")", 1),
    ("(", 2),
    ("'", 1),
    ('"', 1),
    ("!", 1),
    ("~", 1),
    ("'class'==A", 1),
    ('"class"==A', 1),
    ("class==A;'name'==b", 10),
    (";class==A", 1),
    (",class==A", 1),
    ("class==A;", 10),
    ("class==A,", 10),
    ("class==A; ", 11),
    ("class==A;;class==B", 10),
    ("class==A,,class==B", 10),
    ("class==A;,class==B", 10),
    ("class==A,;class==B", 10),
    ("class==A ; ; class==B", 12),
    ("(;class==A)", 2),
    ("(class==A;)", 11),
    ("(class==A,)", 11),
    ("(class==A", 10),
    ("((class==A)", 12),
    ("(class==A;(class==B)", 21),
    ("(class==A)(class==B)", 11),
    ("(class==A) (class==B)", 12),
    ("class==A)", 9),
    ("(class==A))", 11),
    ("class==A;class==B)", 18),
    ("class==A(class==B)", 9),
    ("class==A (class==B)", 10),
    ("(class)", 7),
    ("(class==)", 9),
    ("class==A class==B", 10),
    ("class==A 'B'", 10),
    ("class==A B", 10),
    ("class==A  B  C", 11),
    ("class==A and", (10, 13)),
    ("class==A or", (10, 12)),
    ("class==A and ", 14),
    ("class==A or ", 13),
    ("and class==A", 5),
    ("or class==A", 4),
    ("and", 4),
    ("and==", 6),
    ("class==A and and class==B", 18),
    ("class==A and or class==B", 17),
    ("class==A or or class==B", 16),
    ("class==A and;class==B", (10, 13)),
    ("class==A;and class==B", 14),
    ("class==A andclass==B", 10),
    ("class==A and(class==B)", 10),
    ("(class==A)and(class==B)", 11),
    ("(class==A)and class==B", 11),
    ("(class==A) and(class==B)", 12),
    ("(class==A)or(class==B)", 11),
    ("class=='A'and class==B", 11),
    ("class==A xor class==B", 10),
    ("class==A not class==B", 10),
    ("class==A && class==B", 10),
    ("class==A || class==B", 10),
    ("class=in=(A and B)", 13),
    ("class=in=(A or)", 13),
    ("class=in=(A orB)", 13),
    ("class=in=(A B)", 13),
    ("class=in=()", 11),
    ("class=in=( )", 12),
    ("class=in=(,A)", 11),
    ("class=in=(A,)", 13),
    ("class=in=(A,,B)", 13),
    ("class=in=(A;B)", 12),
    ("class=in=(A", 12),
    ("class=in=(A,", 13),
    ("class=in=(", 11),
    ("class=in=(A,B", 14),
    ("class=in=(A,'B", 13),
    ("class=in=((A))", 11),
    ("class=in=(A,(B))", 13),
    ("class=in=('A'B)", 14),
    ("class=in=(A'B')", 12),
    ("class=in=A,B", 13),
    ("class==()", 9),
    ("class==(A,B)", (8, 10, 11)),
    ("class==(A or B)", (8, 11, 14)),
    ("class!=(A,B)", (8, 10, 11)),
    ("name<(a,b)", (6, 8, 9)),
    ("class==(A", 10),
    ("class==((A))", 9),
    ("class=in=(A))", 13),
    ("class=in=(A)B", 13),
    ("class=in=(A)(B)", 13),
    ("class=A", (6, 7)),
    ("class=", (6, 7)),
    ("class=A=B", (6, 7)),
    ("class=IN=(A)", (6, 7)),
    ("class=In=(A)", (6, 7)),
    ("class=in(A)", (6, 9)),
    ("class=like=A", (6, 8)),
    ("class=null=A", (6, 7)),
    ("class=eq=A", (6, 7)),
    ("class=ne=A", (6, 7)),
    ("class=LT=A", (6, 7)),
    ("class=lte=A", (6, 9)),
    ("class===A", 8),
    ("class====A", 8),
    ("class=!A", (6, 7)),
    ("class!A", (6, 7)),
    ("class!!A", (6, 7)),
    ("class!==A", 8),
    ("class=<A", (6, 7)),
    ("class=>A", (6, 7)),
    ("class<>A", 7),
    ("class><A", 7),
    ("class<<A", 7),
    ("class<==A", 8),
    ("class=~A", (6, 7)),
    ("class~A", 6),
    ("class~=A", 6),
    ("class= =A", (6, 7)),
    ("class! =A", (6, 7)),
    ("name< =m", 7),
    ("class= in=(A)", (6, 7)),
    ("class=i n=(A)", (6, 8)),
    ("class=in =(A)", (6, 9)),
    ("class==A=B", 9),
    ("class==A==B", 9),
    ("class==A!=B", 9),
    ("class==A<B", 9),
    ("class==A~B", 9),
    ("class==A!", 9),
    ("class==!A", 8),
    ("class==~A", 8),
    ("class==<A", 8),
    ("class==;A", 8),
    ("class==,A", 8),
    ("class==)", 8),
    ("class==;", 8),
    ("class=='A", 8),
    ('class=="A', 8),
    ("class=='A\"", 8),
    ("class==\"A'", 8),
    ("class=='A\\'", 8),
    ("class=='A\\", 8),
    ("class=='", 8),
    ("class=='A''B'", 11),
    ("class=='A'B", 11),
    ("class=='A'\"B\"", 11),
    ("class=='A' 'B'", 12),
    ("class==A'B'", 9),
    ('class==A"B"', 9),
    ("class==A'", 9),
    ("class=='it's'", 12),
    ("name==O'Neil", 8),
    ("cla'ss==A", 4),
    ("class name==A", 7),
    ("class(==A", 6),
    ("class;==A", 6),
    ("class,name==A", 6),
    ("class)==A", 6),
    ("class==A;name", 14),
    ("class==A;name=", (14, 15)),
    ("class==A;name==", 16),
    ("class==A,name", 14),
    ("(class==A;name)", 15),
    ("é==", 4),
    ("name==é;", 9),
    ("name==é;;", 9),
    ("name==日本 x", 10),
    ("name=='日本'x", 11),
    ("name==😀 x", 9),
    ("name==😀😀;)", 10),
    ("😀", 2),
    ("(name==😀", 9),
    ("name=='😀", 7),
    ("class\u00a0==A;", 11),
    ("class==A\u00a0and class==B", 14),
    ("class==A\u3000or class==B", 13),
]

# Blanks that would not survive an editor, as they stand in PARSE.
BLANKS = {"␠": " ", "␉": "\t", "␊": "\n", "␍": "\r", "⍽": "\u00a0", "⎵": "\u2003"}


def parsing():
    """The inputs that parse."""
    return [line.translate(str.maketrans(BLANKS)) for line in PARSE.strip("\n").split("\n")]
