using System.Text.Json.Serialization;

namespace DeviceMail.Scanning;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ScannerView[]))]
[JsonSerializable(typeof(FoundScannerView[]))]
[JsonSerializable(typeof(NewScanner))]
internal sealed partial class ScanningJson : JsonSerializerContext;
