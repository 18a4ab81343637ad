using System.Text;

namespace DeviceMail.Discovery;

/// <summary>A name of the DNS by its labels. Those of mDNS are UTF-8, and may hold dots and spaces (RFC 6763 4.1.1); case of ASCII does not count.</summary>
internal sealed class DnsName(IReadOnlyList<string> labels) : IEquatable<DnsName>
{
    public const int LongestLabel = 63, LongestName = 255;

    public IReadOnlyList<string> Labels => labels;

    /// <summary>Whether it fits into a question: one that was heard need not, since marks stand for what was no text.</summary>
    public bool CanBeAsked => labels.Count > 0 && labels.All(label => Encoding.UTF8.GetByteCount(label) is > 0 and <= LongestLabel)
        && labels.Sum(label => Encoding.UTF8.GetByteCount(label) + 1) < LongestName;

    public static DnsName Parse(string text) => new(text.Split('.'));

    /// <summary>The name without its first label.</summary>
    public DnsName Parent => new([.. labels.Skip(1)]);

    public bool Equals(DnsName? other) => other is not null && labels.SequenceEqual(other.Labels, StringComparer.OrdinalIgnoreCase);

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode() => StringComparer.OrdinalIgnoreCase.GetHashCode(ToString());

    public override string ToString() => string.Join('.', labels);
}
