namespace DeviceMail.Scanning;

/// <summary>A scanner of the list.</summary>
/// <param name="Id">0 before it is saved.</param>
/// <param name="Name">What people call it, 1 to 100 characters.</param>
public sealed record Scanner(long Id, string Name, ScannerAddress Address)
{
    /// <summary>SHA-256 of the certificate it showed at first use, in hexadecimal; null: none was kept.</summary>
    public string? Certificate { get; init; }
}
