using System.Diagnostics.CodeAnalysis;
using System.Xml;
using System.Xml.Linq;

namespace DeviceMail.Scanning;

/// <summary>
/// Reads what a scanner says of itself. Nothing outside is fetched, no entity is expanded. Elements go by their local names: makers differ in the names of
/// their namespaces.
/// </summary>
internal static class EsclXml
{
    private static readonly XmlReaderSettings _strict = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = EsclChannel.MaxAnswerOctets,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <param name="octets">With the empty lines in front that some scanners send.</param>
    /// <param name="name">Which element it must be.</param>
    public static bool TryRead(byte[] octets, string name, [NotNullWhen(true)] out XElement? root)
    {
        root = null;
        var start = 0;
        while (start < octets.Length && octets[start] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') start++;
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(octets, start, octets.Length - start), _strict);
            root = XElement.Load(reader);
        }
        catch (XmlException)
        {
            return false;
        }
        return root.Name.LocalName == name;
    }

    /// <summary>All elements of that name below this one, however deep.</summary>
    public static IEnumerable<XElement> Below(this XElement element, string name) => element.Descendants().Where(one => one.Name.LocalName == name);

    public static XElement? First(this XElement element, string name) => element.Below(name).FirstOrDefault();

    /// <summary>The first such child's text; empty where there is none. Control characters do not come through.</summary>
    public static string Text(this XElement element, string name)
    {
        var text = element.Elements().FirstOrDefault(one => one.Name.LocalName == name)?.Value.Trim() ?? "";
        return new string([.. text.Where(one => !char.IsControl(one)).Take(LongestText)]);
    }

    public static int? Number(this XElement element, string name) => int.TryParse(element.Text(name), out var number) && number >= 0 ? number : null;

    private const int LongestText = 300;
}
